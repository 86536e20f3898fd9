// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! The crate does no I/O because it cannot: it has no `std`, and every clock that a dependency would lend is forbidden.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The code that is compiled into the crate: without comments, examples and unit tests.
fn shipped(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    let source = source.replace("#[cfg(test)]\nextern crate std;", "");
    source.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Every word that would let `std` in.
fn impurity(source: &str) -> Option<String> {
    let code = shipped(source);
    let words: Vec<&str> =
        code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    words.into_iter().find(|word| ["std", "unsafe", "now_utc", "now_local"].contains(word)).map(str::to_owned)
}

#[test]
fn the_crate_has_no_std() {
    let root = fs::read_to_string(path("src/lib.rs")).unwrap();
    assert!(root.lines().any(|line| line == "#![no_std]"), "src/lib.rs lacks #![no_std]");
    let mut files = Vec::new();
    sources(&path("src"), &mut files);
    assert!(files.len() > 10, "only {} files found", files.len());
    for file in files {
        assert_eq!(impurity(&fs::read_to_string(&file).unwrap()), None, "{}", file.display());
    }
}

#[test]
fn what_is_looked_for_is_found() {
    for (source, found) in [
        ("use std::time::Instant;", Some("std")),
        ("extern crate std;", Some("std")),
        ("let now = OffsetDateTime::now_utc();", Some("now_utc")),
        ("/// std::fs\n//! std::fs\nlet a = 1; // std::fs", None),
        ("fn f() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}", None),
        ("#[cfg(test)]\nextern crate std;\nuse core::fmt;", None),
        ("fn std_like() {}", None),
    ] {
        assert_eq!(impurity(source).as_deref(), found, "{source}");
    }
}

#[test]
fn clippy_forbids_clocks_and_the_environment() {
    let settings = fs::read_to_string(path("clippy.toml")).unwrap();
    let (_, methods) = settings.split_once("disallowed-methods").expect("clippy.toml lacks disallowed-methods");
    for method in [
        "time::UtcDateTime::now",
        "time::OffsetDateTime::now_utc",
        "std::time::SystemTime::now",
        "std::time::Instant::now",
        "std::env::var",
    ] {
        assert!(methods.contains(&format!("path = \"{method}\"")), "clippy.toml does not forbid {method}");
    }
}

/// A feature of a dependency may not open what the crate has shut.
#[test]
fn the_time_crate_is_taken_without_its_clock() {
    let workspace = fs::read_to_string(path("../Cargo.toml")).unwrap();
    let line = workspace.lines().find(|line| line.starts_with("time = ")).expect("no dependency on time");
    assert!(line.contains("default-features = false"), "{line}");
    for feature in ["\"std\"", "\"local-offset\"", "\"wasm-bindgen\""] {
        assert!(!line.contains(feature), "{line}");
    }
}
