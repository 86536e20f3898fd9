//! The shared files as they are found in the field. What is expected is what botocore's `raw_config_parse` makes of them.
// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
// The crate reads no clock; this test does.
#![allow(clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use sts_core::environment::Service;
use sts_credentials::{
    location::Platform,
    plan::Plan,
    profile::{Profiles, Section},
    settings::Settings,
};

fn config(text: &str) -> Profiles {
    let mut profiles = Profiles::default();
    profiles.read_config("config", text);
    profiles
}

/// The properties of profile `p`, as `name=value`.
fn properties(text: &str) -> Vec<String> {
    let profiles = config(text);
    assert_eq!(profiles.errors(), [], "{text:?}");
    profiles.profile("p").unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect()
}

#[test]
fn as_the_aws_cli_reads_them() {
    for (text, expected) in [
        // Properties that are indented like the others, and what is indented further continues them.
        ("[profile p]\n  a = 1\n  b = 2\n", &["a=1", "b=2"][..]),
        ("[profile p]\n\ta = 1\n\tb = 2\n", &["a=1", "b=2"]),
        ("[profile p]\na = 1\n  b = 2\n", &["a=1\nb = 2"]),
        ("[profile p]\n  a = 1\n    b = 2\n  c = 3\n", &["a=1\nb = 2", "c=3"]),
        ("[profile p]\n  a = 1\n b = 2\n  c = 3\n", &["a=1", "b=2\nc = 3"]),
        ("  [profile p]\n  a = 1\n  [profile q]\n  b = 2\n", &["a=1"]),
        ("[profile p]\n  s3 =\n    x = 1\n    y = 2\n  a = 1\n", &["a=1", "s3=\nx = 1\ny = 2"]),
        // Text behind a header.
        ("[profile p] of the web team\na = 1\n", &["a=1"]),
        // A colon for the equals sign.
        (
            "[profile p]\na: 1\nb :2\nc: https://h/?x=1\nd = x:y\ne:\n",
            &["a=1", "b=2", "c=https://h/?x=1", "d=x:y", "e="],
        ),
        // Line ends of Windows, twice.
        ("[profile p]\r\r\na = 1\r\r\nb = 2\r\n", &["a=1", "b=2"]),
        // No-break spaces, as web pages have them.
        ("[profile p]\na\u{a0}=\u{a0}1\u{a0}\n\u{a0}\n", &["a=1"]),
    ] {
        assert_eq!(properties(text), expected, "{text:?}");
    }
    // Where botocore sees another name, or nothing.
    for header in
        ["\u{feff}[profile p]", "[profile\u{a0}p]", "[profile p]]", "[profile 'p'] # [old]", "[profile p] # ['old']"]
    {
        assert_eq!(properties(&format!("{header}\na = 1\n")), ["a=1"], "{header}");
    }
}

/// The names of the profiles, and the properties of profile `p` as text.
fn names_and_p(config: &str, credentials: &str) -> (String, String) {
    let mut profiles = Profiles::default();
    profiles.read_config("config", config);
    profiles.read_credentials("credentials", credentials);
    assert_eq!(profiles.errors(), [], "{config:?}");
    let text = |section: &Section| section.iter().map(|(name, value)| format!("{name}={value};")).collect();
    let names: Vec<_> = profiles.profile_names().collect();
    (names.join(","), profiles.profile("p").map(text).unwrap_or_default())
}

/// [Shared files](https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html): what the tests of AWS's own suite hold as well.
#[test]
fn as_the_sdks_read_them() {
    for (config, credentials, names, properties) in [
        // Names.
        ("[profile p]", "", "p", ""),
        ("[ profile \t p \t ]", "", "p", ""),
        ("[profile\tp]", "", "p", ""),
        ("[profile some-thing:long/the_one%only.p@q+]", "", "some-thing:long/the_one%only.p@q+", ""),
        ("[profile p!q]\na = 1\n[profile p]\nb = 2", "", "p", "b=2;"),
        ("[profile in valid]\na = 1", "[in valid]\na = 1", "", ""),
        ("[profilep]\na = 1\n[p]\nb = 1", "[profile p]\nc = 1\n[sso-sessionp]", "sso-sessionp", ""),
        ("", "[  p  ]\na = 1", "p", "a=1;"),
        // `[profile default]` is meant where both are there, and all other profiles still count.
        ("[profile default]\na = 1\n[default]\nb = 1\n[profile p]\na = 2", "", "default,p", "a=2;"),
        ("[default]\na = 1\n[profile p]\na = 2\n[profile default]\nb = 1\n[profile q]", "", "default,p,q", "a=2;"),
        // Properties.
        (
            "[profile p]\na \t=  \t1 \t\nb =\nc = 1=2\nin valid = x\nD-_1 = \u{1f600}",
            "",
            "p",
            "a=1;b=;c=1=2;d-_1=\u{1f600};",
        ),
        ("\t \n[profile p]\n\t\n \na = 1\n\t \n[profile q]\n \t", "", "p,q", "a=1;"),
        ("[profile p]\r\na = 1\r\n", "", "p", "a=1;"),
        // What is said last counts, and the credentials file last of all.
        ("[profile p]\na = 1\nA = 2\n[profile p]\nb = 3\na = 4", "", "p", "a=4;b=3;"),
        ("[profile p]\na = 1\nb = 1", "[p]\nb = 2\nc = 3", "p", "a=1;b=2;c=3;"),
        // Comments.
        ("# x\n; y\n[profile p] ; z\na = 1 # x ; y\nb = 2 ; x\n[profile q]# x", "", "p,q", "a=1;b=2;"),
        ("[profile p];\na = 1; x\nb = 2# x\nc = 3 ;", "", "p", "a=1; x;b=2# x;c=3;"),
        // Continuations.
        ("[profile p]\na = 1\n \t -b \t \n -c # d\n\t\n ; e\nf = 2", "", "p", "a=1\n-b\n-c # d;f=2;"),
        ("[profile p]\ns3 =\n a = 1\n\t \n in valid =\nb = 2", "", "p", "b=2;s3=\na = 1\nin valid =;"),
    ] {
        assert_eq!(names_and_p(config, credentials), (names.to_owned(), properties.to_owned()), "{config:?}");
    }
    let profiles = config(
        "[profile default]\na = 1\n[default]\nb = 1\n[profile default]\nc = 1\n[sso-session s]\nd = 1\n[sso-sesion t]",
    );
    let default: Vec<_> = profiles.profile("default").unwrap().iter().collect();
    assert_eq!(default, [("a", "1"), ("c", "1")]);
    assert_eq!(profiles.sso_session("s").unwrap().get("d"), Some("1"));
    assert!(profiles.sso_session("t").is_none() && profiles.services("s").is_none());
}

#[test]
fn a_line_that_cannot_be_read_costs_its_own_profile() {
    let keys = "aws_access_key_id = AKIDP\naws_secret_access_key = hush\n";
    let role = "role_arn = arn:aws:iam::123456789012:role/demo\n";
    let sso = "sso_account_id = 1\nsso_role_name = r\n";
    for (broken, problem) in [
        ("region\n", "expected an '=' sign defining a property (profile `q`, config line 5)"),
        ("= eu-west-1\n", "property did not have a name (profile `q`, config line 5)"),
        (" -continued\n", "expected a property definition, found continuation (profile `q`, config line 5)"),
        ("s3 =\n  x\n", "expected an '=' sign defining a sub-property (profile `q`, config line 6)"),
        ("s3 =\n  = x\n", "sub-property did not have a name (profile `q`, config line 6)"),
    ] {
        let file = format!("[profile p]\n{keys}[profile q]\n{broken}{keys}[profile r]\n{role}source_profile = q\n");
        let profiles = config(&file);
        let plan = |name| Plan::new(Platform::Unix, &|_| None, &profiles, Some(name)).map(|plan| plan.to_string());
        // Others are warned.
        let location = profiles.errors()[0].location.clone();
        let other = plan("p").unwrap();
        let warning = format!("passed over: {location}, which cannot be read: {}\n", profiles.errors()[0].problem);
        assert!(other.ends_with(&warning) && other.starts_with("1. access key AKIDP"), "{other}");
        assert_eq!(plan("q").unwrap_err().to_string(), problem);
        // Who builds on it shares its fate, and so do its settings.
        assert_eq!(plan("r").unwrap_err().to_string(), problem);
        assert_eq!(Settings::new(Platform::Unix, &|_| None, &profiles, Some("q")).unwrap_err().to_string(), problem);
        assert!(Settings::new(Platform::Unix, &|_| None, &profiles, Some("p")).is_ok());
    }

    // Sections that a profile refers to.
    let session = config(&format!("[profile p]\n{sso}sso_session = s\n[sso-session s]\nregion\n[profile q]\n{keys}"));
    let error = Plan::new(Platform::Unix, &|_| None, &session, Some("p")).unwrap_err();
    assert_eq!(error.to_string(), "expected an '=' sign defining a property (profile `p`, config line 6)");
    assert!(Plan::new(Platform::Unix, &|_| None, &session, Some("q")).is_ok());
    let services = config("[profile p]\nservices = s\n[services s]\nsts\n");
    let settings = |variable| Settings::new(Platform::Unix, variable, &services, Some("p")).unwrap();
    let error = settings(&|_| None).environment().endpoint_url(Service::Sts).unwrap_err();
    assert_eq!(
        error.to_string(),
        "services is \"s\", expected a services section that can be read (profile `p`, config line 4)"
    );
    let unused = |name: &str| (name == "AWS_ENDPOINT_URL").then(|| "https://h".to_owned());
    assert!(settings(&unused).environment().endpoint_url(Service::Sts).is_ok());

    // A header without its bracket is that profile's all the same, and what follows is no property of the profile before.
    let open = config(&format!("[profile p]\n{keys}[profile q\nregion = r\n"));
    assert_eq!(open.errors()[0].to_string(), "config line 4: profile definition must end with ']'");
    assert!(open.profile("q").unwrap().error().is_some());
    assert_eq!((open.profile("p").unwrap().error(), open.profile("p").unwrap().get("region")), (None, None));

    // In front of all sections, and in the credentials file.
    let mut profiles = config("region = r\n[profile p]\n");
    profiles.read_credentials("credentials", &format!("[p]\n{keys}[q]\nx\n"));
    let errors: Vec<_> = profiles.errors().iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "config line 1: expected a profile definition",
            "credentials line 5: expected an '=' sign defining a property"
        ]
    );
    assert_eq!(profiles.profile("p").unwrap().error(), None);
    assert_eq!(profiles.profile("q").unwrap().error(), Some(&profiles.errors()[1]));
}

/// A megabyte of anything takes well under a second, in a debug build, too; work that grows with the square would take minutes.
#[test]
fn long_files_are_read_in_linear_time() {
    const SIZE: usize = 1 << 16;
    let read = |text: &str| {
        let begin = Instant::now();
        let profiles = config(text);
        let _ = Plan::new(Platform::Unix, &|_| None, &profiles, Some("p")).map(|plan| plan.to_string());
        let _ = Plan::new(Platform::Unix, &|_| None, &profiles, Some("q")).map(|plan| plan.to_string());
        begin.elapsed()
    };
    // Four times the length takes four times as long, or sixteen times if reading were quadratic. The best of three is not disturbed.
    let best = |text: &str| (0..3).map(|_| read(text)).min().unwrap();
    for (start, piece) in [
        ("[profile p]\na = 1\n", " b\n"),
        ("[profile p]\na =\n", "  b = c\n"),
        ("[profile p]\na = ", "#;'\""),
        ("[profile p]\n", "a = 1\n"),
        ("[profile p]\n", "=\n"),
        ("", "[profile p]\n"),
        ("", "['p' x]\n"),
        ("[", "'\"]#"),
        ("", "[profile p\n"),
        ("\n", "\r\n \n"),
    ] {
        let [short, long] = [SIZE, 4 * SIZE].map(|size| best(&(start.to_owned() + &piece.repeat(size / piece.len()))));
        assert!(long < 10 * short + Duration::from_millis(50), "{start:?} {piece:?}: {short:?}, then {long:?}");
    }
    // A chain of roles as long as the file.
    let role = |number: usize| format!("[profile {number}]\nrole_arn = r\nsource_profile = {}\n", number + 1);
    let chain: String = (0..20_000).map(role).collect();
    let error = Plan::new(Platform::Unix, &|_| None, &config(&chain), Some("0")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not find source profile 20000 referenced from 19999 (profile `19999`, config line 60000)"
    );
}
