//! Any texts as config and credentials file: profiles, or an error that says where; and what a profile says reads back.
//!
//! The input is both files, separated by U+0000.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sts_core::provider::{
    plan::Plan,
    profile::{Platform, Profiles},
    settings::Settings,
};

fuzz_target!(|input: &str| {
    let (config, credentials) = input.split_once('\0').unwrap_or((input, ""));
    let mut profiles = Profiles::default();
    for result in [profiles.read_config("config", config), profiles.read_credentials("credentials", credentials)] {
        if let Err(error) = result {
            return assert!(!error.to_string().is_empty());
        }
    }
    assert!(profiles.ignored().iter().all(|ignored| ignored.place.line > 0));
    for name in profiles.profile_names() {
        let section = profiles.profile(name).expect("it is listed");
        for (key, value) in section.iter() {
            assert_eq!(section.get(key), Some(value));
            assert!(section.place(key).is_some_and(|place| place.line > 0));
        }
        for platform in [Platform::Unix, Platform::Windows] {
            match Plan::of_profile(platform, &|_| None, &profiles, name) {
                Ok(plan) => assert!(!plan.sources.is_empty() && !plan.to_string().is_empty()),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
        if let Err(error) = Settings::new(&|_| None, &profiles, Some(name)) {
            assert!(!error.to_string().is_empty());
        }
    }
    // What is written in the simplest way reads back.
    let simple =
        |text: &str| !text.is_empty() && text.trim() == text && !text.contains(['\n', '\r', '#', ';', '=', '[', ']']);
    for (key, value) in profiles.profile("default").into_iter().flat_map(|section| section.iter()) {
        if simple(key) && simple(value) {
            let mut again = Profiles::default();
            again.read_credentials("again", &format!("[default]\n{key} = {value}\n")).unwrap();
            assert_eq!(again.profile("default").and_then(|section| section.get(key)), Some(value));
        }
    }
});
