//! Whole programs: number of crates, size, and build time.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A program of this repository, built by cargo in release mode.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// The name of the binary, and of its feature in `programs`.
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
/// One `AssumeRole` over aws-sdk-sts, with the features that it needs.
pub const AWS_SDK_STS: Program = minimal("aws-sdk-sts", "bare-hyper");
/// The command-line program.
pub const STS: Program = Program { name: "sts", bare: "bare-ureq", package: "sts-cli" };

/// The programs that only make one call.
pub const MINIMAL: [Program; 5] = [BARE_UREQ, STS_BLOCKING, BARE_HYPER, STS_ASYNC, AWS_SDK_STS];

const fn minimal(name: &'static str, bare: &'static str) -> Program {
    Program { name, bare, package: "sts-bench-programs" }
}

impl Program {
    /// Builds the program, and returns its path.
    ///
    /// # Errors
    /// cargo cannot be run or fails.
    pub fn build(self) -> io::Result<PathBuf> {
        cargo(self.cargo_build())?;
        // All programs are in the folder of this one.
        Ok(std::env::current_exe()?.with_file_name(self.name))
    }

    /// Builds the program and all its dependencies, and returns the processor time in seconds.
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

    /// The number of crates in the program, including itself, without crates that only run at build time.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn crates(self) -> io::Result<usize> {
        count_crates(&["-p", self.package, "--features", self.features()])
    }

    /// Whether the program is part of this repository.
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

/// The number of crates in a library, including itself.
///
/// # Errors
/// cargo cannot be run or fails.
pub fn crates(package: &str) -> io::Result<usize> {
    count_crates(&["-p", package])
}

/// The size of a file in bytes.
///
/// # Errors
/// The file does not exist.
pub fn bytes(path: &Path) -> io::Result<u64> {
    Ok(fs::metadata(path)?.len())
}

fn count_crates(arguments: &[&str]) -> io::Result<usize> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--locked", "-e", "normal", "--prefix", "none", "--format", "{p}"]).args(arguments);
    let text = String::from_utf8_lossy(&cargo(command)?.stdout).into_owned();
    // A crate that was listed before appears again, with a star.
    let name_and_version = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    Ok(text.lines().filter(|line| !line.is_empty()).map(name_and_version).collect::<BTreeSet<_>>().len())
}

fn cargo(mut command: Command) -> io::Result<Output> {
    let output = command.output()?;
    let complaint = || io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned());
    if output.status.success() { Ok(output) } else { Err(complaint()) }
}

/// Processor time in seconds of all ended child processes and their children. proc(5)
fn children_time() -> io::Result<f64> {
    Ok(ticks(15)? + ticks(16)?)
}

/// Processor time in seconds of this process and its threads.
///
/// # Errors
/// There is no `/proc`.
pub fn own_time() -> io::Result<f64> {
    Ok(ticks(13)? + ticks(14)?)
}

/// Seconds from a field of `/proc/self/stat` in hundredths. Fields count from zero.
fn ticks(field: usize) -> io::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The second field is a name in parentheses, which may contain blanks.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
    let ticks = fields.split_whitespace().nth(field - 2).and_then(|ticks| ticks.parse().ok());
    ticks.map(|ticks: f64| ticks / 100.0).ok_or_else(|| io::Error::other("/proc/self/stat has changed"))
}
