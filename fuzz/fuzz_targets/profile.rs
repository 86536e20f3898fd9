//! Any texts as config and credentials file, separated by U+0000, become profiles that read back, or errors with a location.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sts_credentials::{location::Platform, plan::Plan, profile::Profiles, settings::Settings};
use sts_fuzz::{ini, is_told};

fuzz_target!(|input: &str| {
    let (config, credentials) = input.split_once('\0').unwrap_or((input, ""));
    let mut profiles = Profiles::default();
    profiles.read_config("config", config);
    profiles.read_credentials("credentials", credentials);
    for error in profiles.errors() {
        assert!(error.location.line > 0 && error.location.line <= input.lines().count(), "{error}");
    }
    assert!(profiles.ignored().iter().all(|ignored| ignored.location.line > 0));
    for name in profiles.profile_names() {
        let section = profiles.profile(name).unwrap();
        ini::assert_reads_back(name, section);
        for platform in [Platform::Unix, Platform::Windows] {
            Plan::of_profile(platform, &|_| None, &profiles, name).map_or_else(is_told, is_told);
        }
        Settings::new(Platform::Unix, &|_| None, &profiles, Some(name)).map_or_else(is_told, drop);
    }
});
