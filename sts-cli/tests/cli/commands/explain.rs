use crate::harness::{Environment, Home, KEY, ROLE, SECRET, profiles};

#[test]
fn explain() {
    let home = Home::new("explain", &profiles("http://127.0.0.1:1"));
    let file = home.config();
    let explain = |options: &[&str], environment: Environment<'_>| {
        let run = home.sts(&[&["explain"], options].concat(), environment);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{options:?}");
        assert!(!run.stdout.contains(SECRET));
        run.stdout
    };
    assert_eq!(
        explain(&["--profile", "role"], &[]),
        format!(
            "1. access key {} of profile `base` ({file} line 2)\n\
             2. assume role {ROLE} of profile `role` ({file} line 7), as session work\n\
             passed over: the environment's keys and web identity, since a profile is asked for\n\
             region: eu-west-1, from region (profile `role`, {file} line 10)\n\
             endpoint: http://127.0.0.1:1/, from endpoint_url (profile `role`, {file} line 11)\n",
            KEY[0].1
        )
    );
    let region = [KEY[0], KEY[1], ("AWS_DEFAULT_REGION", "eu-west-3")];
    assert_eq!(
        explain(&[], &region),
        format!(
            "1. access key {} of the environment\nregion: eu-west-3, from AWS_DEFAULT_REGION\n\
             endpoint: https://sts.eu-west-3.amazonaws.com/, from the region\n",
            KEY[0].1
        )
    );
    let ending = |options: &[&str], environment: Environment<'_>| {
        explain(options, environment).split_once("region: ").unwrap().1.to_owned()
    };
    // What is empty counts for nothing.
    let empty = [("AWS_REGION", ""), ("AWS_ENDPOINT_URL_STS", ""), ("AWS_ENDPOINT_URL", "http://127.0.0.1:2")];
    assert_eq!(
        ending(&["--profile", "base"], &empty),
        format!(
            "eu-west-1, from region (profile `base`, {file} line 4)\nendpoint: http://127.0.0.1:2/, from AWS_ENDPOINT_URL\n"
        )
    );
    let options = ["--profile", "base", "--region", "eu-west-2"];
    assert_eq!(
        ending(&[], &[("AWS_DEFAULT_PROFILE", "base")]),
        format!(
            "eu-west-1, from region (profile `base`, {file} line 4)\n\
             endpoint: http://127.0.0.1:1/, from endpoint_url (profile `base`, {file} line 5)\n"
        )
    );
    let ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(
        ending(&options, &[ignored]),
        "eu-west-2, from --region\nendpoint: https://sts.eu-west-2.amazonaws.com/, from the region\n"
    );
    let endpoint = ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:2");
    assert_eq!(
        ending(&options, &[endpoint]),
        "eu-west-2, from --region\nendpoint: http://127.0.0.1:2/, from AWS_ENDPOINT_URL_STS\n"
    );
    let options = [&options[..], &["--endpoint-url", "http://127.0.0.1:3"]].concat();
    assert_eq!(
        ending(&options, &[endpoint, ignored]),
        "eu-west-2, from --region\nendpoint: http://127.0.0.1:3/, from --endpoint-url\n"
    );
    // What is known is printed, and then what is missing.
    let run = home.sts(&["explain"], &KEY);
    assert_eq!(run.code, 253);
    let none = "region: none; pass --region, set AWS_REGION, or write region in the profile\n";
    assert_eq!(run.stdout, format!("1. access key {} of the environment\n{none}", KEY[0].1));
    assert!(run.stderr.starts_with("\nYou must specify a region. "), "{}", run.stderr);
    assert_eq!(
        explain(&["--endpoint-url", "http://127.0.0.1:3"], &KEY),
        format!(
            "1. access key {} of the environment\n{none}endpoint: http://127.0.0.1:3/, from --endpoint-url\n",
            KEY[0].1
        )
    );
    let run = home.sts(&["explain"], &[("AWS_REGION", "eu-west-3")]);
    assert_eq!(run.code, 253);
    assert_eq!(
        run.stdout,
        "passed over: keys in the environment: AWS_ACCESS_KEY_ID is not set\n\
         passed over: profile `default`: it is not defined\n\
         passed over: web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set\n\
         passed over: container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set\n\
         passed over: instance metadata: AWS_EC2_METADATA_DISABLED is true\n\
         region: eu-west-3, from AWS_REGION\nendpoint: https://sts.eu-west-3.amazonaws.com/, from the region\n"
    );
    assert!(run.stderr.starts_with("\nUnable to locate credentials: no source of "), "{}", run.stderr);
    let run = home.sts(&["explain", "--profile", "nobody"], &[]);
    assert_eq!((run.code, run.stdout.as_str()), (253, none));
    assert_eq!(run.stderr, "\nUnable to locate credentials: profile `nobody` is not defined\n");
}
