use std::time::Duration;
use sts_blocking::core::proof::EksToken;
use sts_local::LocalSts;
use time::UtcDateTime;

use crate::harness::{KEY, ROLE, expect_usage_error, sts};

/// The token is for the region's endpoint, wherever this program's own calls go.
#[test]
fn eks_token() {
    let service = LocalSts::demo().serve(0).unwrap();
    let url = service.url();
    let environment = [KEY[0], KEY[1], ("AWS_REGION", "eu-central-1"), ("AWS_ENDPOINT_URL_STS", &*url)];
    let user = "<Arn>arn:aws:iam::123456789012:user/demo</Arn>";
    let role = "<Arn>arn:aws:sts::123456789012:assumed-role/demo/EKSGetTokenAuth</Arn>";
    let cases: [(&[&str], &str); 3] = [
        (&["--cluster-name", "my-cluster"], user),
        (&["--cluster-id", "my-cluster"], user),
        (&["--cluster-name", "my-cluster", "--role-arn", ROLE], role),
    ];
    for (options, arn) in cases {
        let run = sts(&[&["eks-token"], options].concat(), &environment);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{options:?}");
        let token = run.stdout.split('"').find(|text| text.starts_with("k8s-aws-v1.")).unwrap();
        let now = UtcDateTime::now();
        let answer_of = |cluster: &str| {
            let mut request = EksToken::read(token, cluster, now).unwrap().request.map(|()| Vec::new());
            let host = request.uri().host().unwrap().parse().unwrap();
            request.headers_mut().insert("host", host);
            String::from_utf8(service.sts().handle(request, now).into_body()).unwrap()
        };
        assert!(answer_of("my-cluster").contains(arn), "{options:?}: {}", answer_of("my-cluster"));
        assert!(answer_of("another-cluster").contains("<Code>SignatureDoesNotMatch<"));
        let claim = EksToken::read(token, "my-cluster", now).unwrap();
        assert_eq!(claim.request.uri().authority().unwrap(), "sts.eu-central-1.amazonaws.com");
        let end = claim.signed_at + Duration::from_secs(14 * 60);
        assert_eq!(
            run.stdout,
            format!(
                "\
{{
    \"kind\": \"ExecCredential\",
    \"apiVersion\": \"client.authentication.k8s.io/v1beta1\",
    \"spec\": {{}},
    \"status\": {{
        \"expirationTimestamp\": \"{}T{:02}:{:02}:{:02}Z\",
        \"token\": \"{token}\"
    }}
}}

",
                end.date(),
                end.hour(),
                end.minute(),
                end.second()
            )
        );
    }
    let missing = ["eks-token", "--cluster-name", "c", "--role-arn", "arn:aws:iam::123456789012:role/missing"];
    let run = sts(&missing, &environment);
    assert_eq!((run.code, run.stdout.as_str()), (254, ""));
    assert!(run.stderr.starts_with("\nAn error occurred (AccessDenied) when calling the AssumeRole"), "{}", run.stderr);
    let long = "t".repeat(3000);
    let run = sts(&["eks-token", "--cluster-name", "c"], &[&environment[..], &[("AWS_SESSION_TOKEN", &long)]].concat());
    assert_eq!((run.code, run.stdout.as_str()), (255, ""));
    assert!(run.stderr.starts_with("\nthe EKS token would have ") && !run.stderr.contains("ttt"), "{}", run.stderr);
}

/// The arguments that `aws eks update-kubeconfig` writes (`update_kubeconfig.py` of awscli 1.46.3).
#[test]
fn eks_get_token() {
    let service = LocalSts::demo().serve(0).unwrap();
    let environment = [KEY[0], KEY[1], ("AWS_ENDPOINT_URL_STS", &*service.url())];
    let written = ["--region", "eu-west-1", "eks", "get-token", "--cluster-name", "c", "--output", "json"];
    for (options, requests) in [(&[][..], 0), (&["--role", ROLE], 1)] {
        let before = service.requests();
        let run = sts(&[&written, options].concat(), &environment);
        assert_eq!((run.code, run.stderr.as_str(), service.requests() - before), (0, "", requests), "{options:?}");
        let token = run.stdout.split('"').find(|text| text.starts_with("k8s-aws-v1.")).unwrap();
        let claim = EksToken::read(token, "c", UtcDateTime::now()).unwrap();
        assert_eq!(claim.request.uri().host(), Some("sts.eu-west-1.amazonaws.com"));
    }
    expect_usage_error(vec![
        (vec!["eks", "list-clusters"], "error: unrecognized subcommand 'list-clusters'\n".into()),
        (vec!["eks", "get-token", "--cluster-name", "c", "--local"], "error: --local cannot be used with eks\n".into()),
    ]);
    let help = sts(&["eks", "get-token", "help"], &[]).stdout;
    assert!(help.contains("--cluster-id <ID>") && help.contains("\nExamples:\n"), "{help}");
}

/// The version that the Kubernetes client asks for, and what the AWS CLI says where it cannot be had.
#[test]
fn eks_token_api_version() {
    let (v1, beta, alpha) = ("v1", "v1beta1", "v1alpha1");
    let deprecated = "Kubeconfig user entry is using deprecated API version client.authentication.k8s.io/v1alpha1. ";
    let unrecognized =
        "Unrecognized API version in KUBERNETES_EXEC_INFO, defaulting to client.authentication.k8s.io/v1beta1.";
    let unreadable = "Error parsing KUBERNETES_EXEC_INFO, defaulting to client.authentication.k8s.io/v1beta1. ";
    let asking = |version| {
        format!(
            r#"{{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/{version}","spec":{{"interactive":false}}}}"#
        )
    };
    for (info, expected, warning) in [
        (String::new(), beta, ""),
        (asking(v1), v1, ""),
        (asking(beta), beta, ""),
        (asking(alpha), alpha, deprecated),
        (asking("v2"), beta, unrecognized),
        ("{}".into(), beta, unrecognized),
        (r#"{"apiVersion":1}"#.into(), beta, unrecognized),
        ("[]".into(), beta, unrecognized),
        ("{".into(), beta, unreadable),
    ] {
        let command = ["eks-token", "--cluster-name", "c", "--query", "[kind, apiVersion]", "--output", "text"];
        let environment = [KEY[0], KEY[1], ("AWS_REGION", "us-east-1"), ("KUBERNETES_EXEC_INFO", &info)];
        let run = sts(&command, &environment);
        let stdout = format!("ExecCredential\tclient.authentication.k8s.io/{expected}\n\n");
        assert_eq!((run.code, run.stdout), (0, stdout), "{info}");
        assert!(
            run.stderr.starts_with(warning) && run.stderr.is_empty() == warning.is_empty(),
            "{info}: {}",
            run.stderr
        );
    }
}

#[test]
fn wrong_proofs() {
    let token = ["eks-token", "--cluster-name", "c"];
    let with = |options: &[&'static str]| [&token[..], options].concat();
    expect_usage_error(vec![
        (
            vec!["eks-token"],
            "error: the following required arguments were not provided:\n  --cluster-name <NAME>\n".into(),
        ),
        (
            with(&["--cluster-id", "d"]),
            "error: the argument '--cluster-name <NAME>' cannot be used with '--cluster-id <ID>'\n".into(),
        ),
        (
            vec!["eks-token", "--cluster-name", ""],
            "error: the cluster's name is empty, or holds a character that a header cannot\n\nUsage: sts eks-token "
                .into(),
        ),
        (with(&["--local"]), "error: --local cannot be used with eks-token\n".into()),
        (with(&["--output", "env"]), "error: --output env prints credentials, and eks-token issues none\n".into()),
        (
            with(&["--role-arn", "x"]),
            "\nParameter validation failed:\nValue 'x' at 'roleArn' failed to satisfy constraint: ".into(),
        ),
        (
            vec!["vault-login", "--server-id", "a\nb"],
            "error: the server's id holds a character that a header cannot\n".into(),
        ),
        (vec!["vault-login", "--local"], "error: --local cannot be used with vault-login\n".into()),
        (vec!["vault-login", "--query", "role"], "error: --query cannot be used with vault-login\n".into()),
        (vec!["presign", "--local"], "error: --local cannot be used with presign\n".into()),
        (vec!["presign", "--output", "json"], "error: --output cannot be used with presign\n".into()),
        (vec!["presign", "--expires-in", "0"], "error: --expires-in <SECONDS>: 0 is not in 1..=604800\n".into()),
        (vec!["presign", "--expires-in", "604801"], "error: --expires-in <SECONDS>: 604801 is not in".into()),
    ]);
    for command in [&token[..], &["vault-login"], &["presign"]] {
        for (environment, expected) in [
            (&KEY[..], "\nYou must specify a region. "),
            (&[("AWS_REGION", "us-east-1")], "\nUnable to locate credentials: no source "),
        ] {
            let run = sts(command, environment);
            assert_eq!((run.code, run.stdout.as_str()), (253, ""), "{command:?}");
            assert!(run.stderr.starts_with(expected), "{command:?}: {}", run.stderr);
        }
    }
}
