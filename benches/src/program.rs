//! Whole programs: how many crates they are built from, how large they are, and what building them takes.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A program of this repository, as cargo builds it for release.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// The name of the binary, and of the feature in `programs` that it is built with.
    pub name: &'static str,
    /// The name of the program that does the same without STS.
    pub bare: &'static str,
    package: &'static str,
}

/// One call over ureq, without STS.
pub const BARE_UREQ: Program = minimal("bare-ureq", "bare-ureq");
/// One `AssumeRole` over sts-blocking.
pub const STS_BLOCKING: Program = minimal("sts-blocking", "bare-ureq");
/// One call over hyper, without STS.
pub const BARE_HYPER: Program = minimal("bare-hyper", "bare-hyper");
/// One `AssumeRole` over sts-async.
pub const STS_ASYNC: Program = minimal("sts-async", "bare-hyper");
/// One `AssumeRole` over aws-sdk-sts, with the features that this takes.
pub const AWS_SDK_STS: Program = minimal("aws-sdk-sts", "bare-hyper");
/// The command line.
pub const STS: Program = Program { name: "sts", bare: "bare-ureq", package: "sts-cli" };

/// Those that make one call and nothing else.
pub const MINIMAL: [Program; 5] = [BARE_UREQ, STS_BLOCKING, BARE_HYPER, STS_ASYNC, AWS_SDK_STS];

const fn minimal(name: &'static str, bare: &'static str) -> Program {
    Program { name, bare, package: "sts-bench-programs" }
}

impl Program {
    /// Builds the program, and says where it is.
    ///
    /// # Errors
    /// cargo cannot be run or fails.
    pub fn build(self) -> io::Result<PathBuf> {
        cargo(self.cargo_build())?;
        // This program and those are in the same folder.
        Ok(std::env::current_exe()?.with_file_name(self.name))
    }

    /// Builds the program with all that it is built from, and says how many seconds all processors together took.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_from_nothing(self) -> io::Result<f64> {
        let folder = std::env::temp_dir().join(format!("sts-benches-{}-{}", self.name, std::process::id()));
        let mut command = self.cargo_build();
        command.env("CARGO_TARGET_DIR", &folder);
        let before = children_time()?;
        let result = cargo(command);
        fs::remove_dir_all(&folder)?;
        result?;
        Ok(children_time()? - before)
    }

    /// How many crates the program is built from, itself included, those that run at build time alone not.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn crates(self) -> io::Result<usize> {
        count_crates(&["-p", self.package, "--features", self.features()])
    }

    /// Whether it is of this repository.
    pub fn is_ours(self) -> bool {
        self.name.starts_with("sts")
    }

    fn cargo_build(self) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "-q", "--release", "--locked", "-p", self.package, "--bin", self.name]);
        command.args(["--features", self.features()]);
        command
    }

    fn features(self) -> &'static str {
        if self.package == "sts-cli" { "" } else { self.name }
    }
}

/// How many crates a library is built from, itself included.
///
/// # Errors
/// cargo cannot be run or fails.
pub fn crates(package: &str) -> io::Result<usize> {
    count_crates(&["-p", package])
}

/// How large a file is.
///
/// # Errors
/// There is none.
pub fn bytes(path: &Path) -> io::Result<u64> {
    Ok(fs::metadata(path)?.len())
}

fn count_crates(arguments: &[&str]) -> io::Result<usize> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--locked", "-e", "normal", "--prefix", "none", "--format", "{p}"]).args(arguments);
    let text = String::from_utf8_lossy(&cargo(command)?.stdout).into_owned();
    // A crate that was listed before stands there again, with a star.
    let name_and_version = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    Ok(text.lines().filter(|line| !line.is_empty()).map(name_and_version).collect::<BTreeSet<_>>().len())
}

fn cargo(mut command: Command) -> io::Result<Output> {
    let output = command.output()?;
    let complaint = || io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned());
    if output.status.success() { Ok(output) } else { Err(complaint()) }
}

/// Seconds of processor time of the processes that this one has started and waited for, and of theirs. proc(5)
fn children_time() -> io::Result<f64> {
    Ok(ticks(15)? + ticks(16)?)
}

/// Seconds of processor time of this process and its threads.
///
/// # Errors
/// There is no `/proc`.
pub fn own_time() -> io::Result<f64> {
    Ok(ticks(13)? + ticks(14)?)
}

/// Seconds from a field of `/proc/self/stat`, counted from zero, that holds hundredths.
fn ticks(field: usize) -> io::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The second field is a name in parentheses, which may hold blanks.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
    let ticks = fields.split_whitespace().nth(field - 2).and_then(|ticks| ticks.parse().ok());
    ticks.map(|ticks: f64| ticks / 100.0).ok_or_else(|| io::Error::other("/proc/self/stat has changed"))
}
