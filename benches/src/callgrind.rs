//! Counts of instructions and allocations by [callgrind](https://valgrind.org/docs/manual/cl-manual.html), which simulates a processor.
//! They are the same on every machine under any load, but change with the compiler.
//!
//! The simulated processor has no SHA extensions. Functions that hash are recognized by name, and their instructions are replaced by the
//! cost with the extensions.

use std::{collections::HashMap, fs, io, process::Command};

use crate::work::{Task, Work};

/// The counts of one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Includes [`HARDWARE_BLOCK`] for each SHA-256 block.
    pub instructions: u64,
    /// Allocator calls that allocate memory.
    pub allocations: u64,
}

/// Instructions per SHA-256 block in the crate `sha2`: with the SHA extensions, and without.
pub const HARDWARE_BLOCK: u64 = 165;
const SOFTWARE_BLOCK: u64 = 3333;

/// Counts one run of this work, from two processes of this program that differ by ten runs. Each calls [`run`].
///
/// # Errors
/// valgrind is not installed, or the program did not run in it.
pub fn count(task: Task, by: &str) -> io::Result<Counts> {
    let (few, many) = (count_process(task, by, "5")?, count_process(task, by, "15")?);
    let one = |many, few| (many - few) / 10;
    Ok(Counts {
        instructions: one(many.instructions, few.instructions),
        allocations: one(many.allocations, few.allocations),
    })
}

fn count_process(task: Task, by: &str, times: &str) -> io::Result<Counts> {
    let output = std::env::temp_dir().join(format!("callgrind.{}", std::process::id()));
    let status = Command::new("valgrind")
        .args(["-q", "--tool=callgrind", &format!("--callgrind-out-file={}", output.display())])
        .arg(std::env::current_exe()?)
        .args(["run", task.key(), by, times])
        .status()
        .map_err(|error| io::Error::new(error.kind(), format!("valgrind: {error}")))?;
    if !status.success() {
        return Err(io::Error::other(format!("valgrind: {status}")));
    }
    let text = fs::read_to_string(&output)?;
    fs::remove_file(&output)?;
    Ok(sum(&text))
}

/// Runs the work in a process of [`count`]. The arguments are `run`, task, implementation, repetitions; otherwise returns `false`.
pub fn run(arguments: &[String], works: impl FnOnce() -> Vec<Work>) -> bool {
    let [run, task, by, times] = arguments else { return false };
    let mut works = works();
    let work = works.iter_mut().find(|work| work.task.key() == task && work.by == by);
    let (Some(work), Ok(times), "run") = (work, times.parse(), &**run) else { return false };
    for _ in 0..times {
        (work.run)();
    }
    true
}

/// Adds up [callgrind's output file](https://valgrind.org/docs/manual/cl-format.html).
fn sum(text: &str) -> Counts {
    // The first occurrence of a name is `(7) malloc`, later ones are `(7)`.
    let mut names = HashMap::new();
    let mut function = "";
    let mut called = "";
    let mut is_inclusive = false;
    let mut counts = Counts::default();
    let mut hashing = 0;
    for line in text.lines() {
        if let Some((key, name)) = line.split_once('=') {
            let (id, name) = name.split_once(' ').unwrap_or((name, ""));
            match key {
                "fn" | "cfn" => {
                    let name = if name.is_empty() { names.get(id).copied().unwrap_or_default() } else { name };
                    names.insert(id, name);
                    *(if key == "fn" { &mut function } else { &mut called }) = name;
                }
                "calls" => {
                    is_inclusive = true;
                    if ALLOCATORS.contains(&called) {
                        counts.allocations += id.parse::<u64>().unwrap_or_default();
                    }
                }
                _ => {}
            }
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let cost: u64 = line.split(' ').nth(1).and_then(|cost| cost.parse().ok()).unwrap_or_default();
            // The line after a call is the cost of the called function, which is also listed under its own name.
            if !std::mem::take(&mut is_inclusive) {
                counts.instructions += cost;
                if function.contains("sha2") && function.contains("compress") {
                    hashing += cost;
                }
            }
        }
    }
    counts.instructions -= hashing;
    counts.instructions += hashing / SOFTWARE_BLOCK * HARDWARE_BLOCK;
    counts
}

const ALLOCATORS: [&str; 5] = ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"];
