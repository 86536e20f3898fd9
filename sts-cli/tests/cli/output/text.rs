use crate::harness::{CALLER, CREDENTIALS, SIZES, output_of, web_identity_command, web_identity_result};

#[test]
fn text() {
    assert_eq!(
        output_of("GetCallerIdentity", CALLER, &["get-caller-identity", "--output", "text"]),
        "123456789012\tarn:aws:iam::123456789012:user/Alice\tAIDACKCEVSQ6C2EXAMPLE\n"
    );
    let credentials = "CREDENTIALS\tASIAIOSFODNN7EXAMPLE\t2026-11-23T03:00:00+00:00\t\
        wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY\tAQoDYXdz\"\\é<' $(x)+/==\n";
    let command = ["--output=text", "get-session-token"];
    assert_eq!(output_of("GetSessionToken", CREDENTIALS, &command), credentials);
    let result = format!("{CREDENTIALS}{SIZES}");
    assert_eq!(output_of("GetSessionToken", &result, &command), format!("816\t20\n{credentials}"));
    assert_eq!(
        output_of("AssumeRoleWithWebIdentity", &web_identity_result(), &web_identity_command("text")),
        format!(
            "aud\t7\tprov\t816\t20\tsid\tsub\n\
             ASSUMEDROLEUSER\tarn:aws:sts::123456789012:assumed-role/demo/TestAR\tARO123EXAMPLE123:TestAR\n\
             {credentials}"
        )
    );
}
