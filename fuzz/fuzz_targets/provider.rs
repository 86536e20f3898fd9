//! The search for credentials ends with any configuration and any answers of files, programs and servers.
//!
//! The input is a config file, then the answers, separated by U+0000.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sts_credentials::{location::Platform, plan::Plan, profile::Profiles};
use sts_fuzz::{is_told, search::search};

fuzz_target!(|input: &str| {
    let (config, answers) = input.split_once('\0').unwrap_or((input, ""));
    let mut profiles = Profiles::default();
    profiles.read_config("config", config);
    match Plan::new(Platform::Unix, &|_| None, &profiles, Some("p")) {
        Ok(plan) => {
            is_told(&plan);
            if let Err(error) = search(&plan, answers) {
                is_told(error);
            }
        }
        Err(error) => is_told(error),
    }
});
