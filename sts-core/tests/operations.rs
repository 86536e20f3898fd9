// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! The operations against the sample requests and responses of the
//! [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html), with the members that the samples
//! leave out added in their places.

mod common;

use common::receive;
use sts_core::*;
use time::{UtcDateTime, macros::utc_datetime};

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Stmt1","Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}"#;
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY";
const TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

fn body(operation: &impl Operation) -> String {
    String::from_utf8(operation.to_body().unwrap().expose().to_vec()).unwrap()
}

#[track_caller]
fn assert_credentials(found: &TemporaryCredentials, expected: (&str, &str, &str, UtcDateTime)) {
    let (secret, token) = (found.secret_access_key.expose(), found.session_token.expose());
    assert_eq!((&*found.access_key_id, secret, token, *found.expiration), expected);
}

#[test]
fn get_caller_identity() {
    assert_eq!(body(&GetCallerIdentity::new()), "Action=GetCallerIdentity&Version=2011-06-15");
    for (user_id, arn) in [
        ("AIDACKCEVSQ6C2EXAMPLE", "arn:aws:iam::123456789012:user/Alice"),
        (
            "ARO123EXAMPLE123:my-role-session-name",
            "arn:aws:sts::123456789012:assumed-role/my-role-name/my-role-session-name",
        ),
        ("123456789012:my-federated-user-name", "arn:aws:sts::123456789012:federated-user/my-federated-user-name"),
    ] {
        let xml = format!(
            r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
   <Arn>{arn}</Arn>
    <UserId>{user_id}</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>"#
        );
        let reply = receive(&GetCallerIdentity::new(), 200, &xml).unwrap();
        assert_eq!((&*reply.output.arn, &*reply.output.user_id), (arn, user_id));
        assert_eq!(reply.output.account, "123456789012");
        assert_eq!(reply.metadata.request_id.as_deref(), Some("01234567-89ab-cdef-0123-456789abcdef"));
    }
}

/// What the service may take is not refused: it alone knows the case of letters beyond ASCII.
#[test]
fn keys_of_tags_are_compared_whatever_their_case() {
    let is_refused = |tags: &[&'static str], transitive: &[&'static str]| {
        let tags = tags.iter().map(|key| Tag::new(*key, ""));
        let operation = AssumeRole::new("arn:aws:iam::123456789012:role/demo", "me").tags(tags);
        operation.transitive_tag_keys(transitive.iter().copied()).to_body().is_err()
    };
    assert!(is_refused(&["team", "Team"], &[]));
    assert!(is_refused(&["team"], &["teams"]));
    assert!(!is_refused(&["team", "teams"], &["TEAM"]));
    assert!(!is_refused(&["\u{e9}quipe", "\u{c9}quipes"], &["\u{c9}QUIPE"]));
    assert!(!is_refused(&["\u{212a}ey"], &["key"]));
}

#[test]
fn assume_role() {
    let role = "arn:aws:iam::123456789012:role/demo";
    assert_eq!(
        body(&AssumeRole::new(role, "testAssumeRoleSession")),
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo&RoleSessionName=testAssumeRoleSession"
    );
    let operation = AssumeRole::new(role, "testAssumeRoleSession")
        .policy_arns([
            PolicyDescriptor::new("arn:aws:iam::123456789012:policy/demopolicy1"),
            PolicyDescriptor::new("arn:aws:iam::123456789012:policy/demopolicy2"),
        ])
        .policy(POLICY)
        .duration_seconds(3600)
        .tags([Tag::new("Project", "Unicorn"), Tag::new("Team", "Automation"), Tag::new("Cost-Center", "12345")])
        .transitive_tag_keys(["Project", "Cost-Center"])
        .external_id("123ABC")
        .serial_number("arn:aws:iam::123456789012:mfa/Alice")
        .token_code("123456")
        .source_identity("Alice")
        .provided_contexts([ProvidedContext::new("arn:aws:iam::aws:contextProvider/IdentityCenter", "a.b.c")])
        .minimum_session_token_size(1024);
    assert_eq!(
        body(&operation),
        "Action=AssumeRole&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo\
         &RoleSessionName=testAssumeRoleSession\
         &PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fdemopolicy1\
         &PolicyArns.member.2.arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fdemopolicy2\
         &Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Sid%22%3A%22Stmt1%22%2C%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AListAllMyBuckets%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D\
         &DurationSeconds=3600\
         &Tags.member.1.Key=Project&Tags.member.1.Value=Unicorn\
         &Tags.member.2.Key=Team&Tags.member.2.Value=Automation\
         &Tags.member.3.Key=Cost-Center&Tags.member.3.Value=12345\
         &TransitiveTagKeys.member.1=Project&TransitiveTagKeys.member.2=Cost-Center\
         &ExternalId=123ABC\
         &SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2FAlice\
         &TokenCode=123456\
         &SourceIdentity=Alice\
         &ProvidedContexts.member.1.ProviderArn=arn%3Aaws%3Aiam%3A%3Aaws%3AcontextProvider%2FIdentityCenter\
         &ProvidedContexts.member.1.ContextAssertion=a.b.c\
         &MinimumSessionTokenSize=1024"
    );

    let xml = format!(
        r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
  <SourceIdentity>Alice</SourceIdentity>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/demo/TestAR</Arn>
      <AssumedRoleId>ARO123EXAMPLE123:TestAR</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
      <SecretAccessKey>{SECRET}</SecretAccessKey>
      <SessionToken>{TOKEN}</SessionToken>
      <Expiration>2019-11-09T13:34:41Z</Expiration>
    </Credentials>
    <PackedPolicySize>6</PackedPolicySize>
    <SessionTokenUtilization>17</SessionTokenUtilization>
    <SessionTokenSize>356</SessionTokenSize>
  </AssumeRoleResult>
  <ResponseMetadata>
    <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>
  </ResponseMetadata>
</AssumeRoleResponse>"#
    );
    let reply = receive(&operation, 200, &xml).unwrap();
    let output = reply.output;
    let expected = ("ASIAIOSFODNN7EXAMPLE", SECRET, TOKEN, utc_datetime!(2019-11-09 13:34:41));
    assert_credentials(&output.credentials, expected);
    let user = output.assumed_role_user.unwrap();
    assert_eq!(user.arn, "arn:aws:sts::123456789012:assumed-role/demo/TestAR");
    assert_eq!(user.assumed_role_id, "ARO123EXAMPLE123:TestAR");
    assert_eq!(output.packed_policy_size, Some(6));
    assert_eq!(output.source_identity.as_deref(), Some("Alice"));
    assert_eq!(output.session_token_utilization, Some(17));
    assert_eq!(output.session_token_size, Some(356));
    assert_eq!(reply.metadata.request_id.as_deref(), Some("c6104cbe-af31-11e0-8154-cbc7ccf896c7"));
}

#[test]
fn assume_role_with_web_identity() {
    // The sample's token as it is; its own percent sign is encoded again.
    let token = "Atza%7CIQEBLjAsAhRFiXuWpUXuRvQ9PZL3GMFcYevydwIUFAHZwXZXXXXXXXXJnrulxKDHwy87oGKPznh0D6bEQZTSCzyoCtL_8S07pLpr0zMbn6w1lfVZKNTBdDansFBmtGnIsIapjI6xKR02Yc_2bQ8LZbUXSGm6Ry6_BG7PrtLZtj_dfCTj92xNGed-CrKqjG7nPBjNIL016GGvuS5gSvPRUxWES3VYfm1wl7WTI7jn-Pcb6M-buCgHhFOzTQxod27L9CqnOLio7N3gZAGpsp6n1-AJBOCJckcyXe2c6uD0srOJeZlKUm2eTDVMf8IehDVI0r1QOnTV6KzzAI3OY87Vd_cVMQ";
    let operation =
        AssumeRoleWithWebIdentity::new("arn:aws:iam::123456789012:role/FederatedWebIdentityRole", "app1", token)
            .provider_id("www.amazon.com")
            .policy_arns([PolicyDescriptor::new("arn:aws:iam::123456789012:policy/webidentitydemopolicy1")])
            .policy(POLICY)
            .duration_seconds(3600)
            .minimum_session_token_size(0);
    assert_eq!(
        body(&operation),
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FFederatedWebIdentityRole\
         &RoleSessionName=app1\
         &WebIdentityToken=Atza%257CIQEBLjAsAhRFiXuWpUXuRvQ9PZL3GMFcYevydwIUFAHZwXZXXXXXXXXJnrulxKDHwy87oGKPznh0D6bEQZTSCzyoCtL_8S07pLpr0zMbn6w1lfVZKNTBdDansFBmtGnIsIapjI6xKR02Yc_2bQ8LZbUXSGm6Ry6_BG7PrtLZtj_dfCTj92xNGed-CrKqjG7nPBjNIL016GGvuS5gSvPRUxWES3VYfm1wl7WTI7jn-Pcb6M-buCgHhFOzTQxod27L9CqnOLio7N3gZAGpsp6n1-AJBOCJckcyXe2c6uD0srOJeZlKUm2eTDVMf8IehDVI0r1QOnTV6KzzAI3OY87Vd_cVMQ\
         &ProviderId=www.amazon.com\
         &PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fwebidentitydemopolicy1\
         &Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Sid%22%3A%22Stmt1%22%2C%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AListAllMyBuckets%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D\
         &DurationSeconds=3600\
         &MinimumSessionTokenSize=0"
    );

    let xml = format!(
        r#"<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>amzn1.account.AF6RHO7KZU5XRVQJGXK6HB56KR2A</SubjectFromWebIdentityToken>
    <Audience>client.5498841531868486423.1548@apps.example.com</Audience>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/FederatedWebIdentityRole/app1</Arn>
      <AssumedRoleId>AROACLKWSDQRAOEXAMPLE:app1</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <SessionToken>AQoDYXdzEE0a8ANXXXXXXXXNO1ewxE5TijQyp+IEXAMPLE</SessionToken>
      <SecretAccessKey>{SECRET}</SecretAccessKey>
      <Expiration>2014-10-24T23:00:23Z</Expiration>
      <AccessKeyId>ASgeIAIOSFODNN7EXAMPLE</AccessKeyId>
    </Credentials>
    <SourceIdentity>SourceIdentityValue</SourceIdentity>
    <Provider>www.amazon.com</Provider>
    <PackedPolicySize>123</PackedPolicySize>
    <SessionTokenUtilization>1</SessionTokenUtilization>
    <SessionTokenSize>46</SessionTokenSize>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata>
    <RequestId>ad4156e9-bce1-11e2-82e6-6b6efEXAMPLE</RequestId>
  </ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>"#
    );
    let output = receive(&operation, 200, &xml).unwrap().output;
    let token = "AQoDYXdzEE0a8ANXXXXXXXXNO1ewxE5TijQyp+IEXAMPLE";
    let expected = ("ASgeIAIOSFODNN7EXAMPLE", SECRET, token, utc_datetime!(2014-10-24 23:00:23));
    assert_credentials(&output.credentials, expected);
    assert_eq!(output.subject_from_web_identity_token.as_deref(), Some("amzn1.account.AF6RHO7KZU5XRVQJGXK6HB56KR2A"));
    let user = output.assumed_role_user.unwrap();
    assert_eq!(user.arn, "arn:aws:sts::123456789012:assumed-role/FederatedWebIdentityRole/app1");
    assert_eq!(user.assumed_role_id, "AROACLKWSDQRAOEXAMPLE:app1");
    assert_eq!(output.packed_policy_size, Some(123));
    assert_eq!(output.provider.as_deref(), Some("www.amazon.com"));
    assert_eq!(output.audience.as_deref(), Some("client.5498841531868486423.1548@apps.example.com"));
    assert_eq!(output.source_identity.as_deref(), Some("SourceIdentityValue"));
    assert_eq!((output.session_token_utilization, output.session_token_size), (Some(1), Some(46)));
}

#[test]
fn get_session_token() {
    assert_eq!(body(&GetSessionToken::new()), "Action=GetSessionToken&Version=2011-06-15");
    let operation = GetSessionToken::new()
        .duration_seconds(3600)
        .serial_number("YourMFASerialNumber")
        .token_code("123456")
        .minimum_session_token_size(4096);
    assert_eq!(
        body(&operation),
        "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=3600&SerialNumber=YourMFASerialNumber\
         &TokenCode=123456&MinimumSessionTokenSize=4096"
    );

    let xml = format!(
        r#"<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetSessionTokenResult>
    <Credentials>
      <SessionToken>{TOKEN}</SessionToken>
      <SecretAccessKey>{SECRET}</SecretAccessKey>
      <Expiration>2011-07-11T19:55:29.611Z</Expiration>
      <AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId>
    </Credentials>
    <SessionTokenUtilization>8</SessionTokenUtilization>
    <SessionTokenSize>356</SessionTokenSize>
  </GetSessionTokenResult>
  <ResponseMetadata>
    <RequestId>58c5dbae-abef-11e0-8cfe-09039844ac7d</RequestId>
  </ResponseMetadata>
</GetSessionTokenResponse>"#
    );
    let output = receive(&operation, 200, &xml).unwrap().output;
    let expected = ("AKIAIOSFODNN7EXAMPLE", SECRET, TOKEN, utc_datetime!(2011-07-11 19:55:29.611));
    assert_credentials(&output.credentials, expected);
    assert_eq!((output.session_token_utilization, output.session_token_size), (Some(8), Some(356)));
    // What is not sent is `None`.
    let bare = xml.replace("SessionTokenUtilization>", "Unknown>").replace("SessionTokenSize>", "Unheard>");
    let output = receive(&operation, 200, &bare).unwrap().output;
    assert_eq!((output.session_token_utilization, output.session_token_size), (None, None));
}

#[test]
fn assume_role_with_saml() {
    let role = "arn:aws:iam::123456789012:role/TestSaml";
    let provider = "arn:aws:iam::123456789012:saml-provider/SAML-test";
    let operation =
        AssumeRoleWithSaml::new(role, provider, "VERYLONGENCODEDASSERTION+EXAMPLE/xzYW1sOkF1==").duration_seconds(3600);
    assert_eq!(
        body(&operation),
        "Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FTestSaml\
         &PrincipalArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Asaml-provider%2FSAML-test\
         &SAMLAssertion=VERYLONGENCODEDASSERTION%2BEXAMPLE%2FxzYW1sOkF1%3D%3D&DurationSeconds=3600"
    );
    let xml = format!(
        r#"<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithSAMLResult>
    <Issuer>https://integ.example.com/idp/shibboleth</Issuer>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/TestSaml</Arn>
      <AssumedRoleId>ARO456EXAMPLE789:TestSaml</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAV3ZUEFP6EXAMPLE</AccessKeyId>
      <SecretAccessKey>{SECRET}</SecretAccessKey>
      <SessionToken>{TOKEN}</SessionToken>
      <Expiration>2019-11-01T20:26:47Z</Expiration>
    </Credentials>
    <Audience>https://signin.aws.amazon.com/saml</Audience>
    <SubjectType>transient</SubjectType>
    <PackedPolicySize>6</PackedPolicySize>
    <NameQualifier>SbdGOnUkh1i4+EXAMPLExL/jEvs=</NameQualifier>
    <SourceIdentity>SourceIdentityValue</SourceIdentity>
    <Subject>SamlExample</Subject>
  </AssumeRoleWithSAMLResult>
  <ResponseMetadata>
    <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>
  </ResponseMetadata>
</AssumeRoleWithSAMLResponse>"#
    );
    let output = receive(&operation, 200, &xml).unwrap().output;
    let expected = ("ASIAV3ZUEFP6EXAMPLE", SECRET, TOKEN, utc_datetime!(2019-11-01 20:26:47));
    assert_credentials(&output.credentials, expected);
    let user = output.assumed_role_user.unwrap();
    assert_eq!(user.assumed_role_id, "ARO456EXAMPLE789:TestSaml");
    assert_eq!(output.issuer.as_deref(), Some("https://integ.example.com/idp/shibboleth"));
    assert_eq!(output.audience.as_deref(), Some("https://signin.aws.amazon.com/saml"));
    assert_eq!(output.subject.as_deref(), Some("SamlExample"));
    assert_eq!(output.subject_type.as_deref(), Some("transient"));
    assert_eq!(output.name_qualifier.as_deref(), Some("SbdGOnUkh1i4+EXAMPLExL/jEvs="));
    assert_eq!(output.source_identity.as_deref(), Some("SourceIdentityValue"));
    assert_eq!((output.packed_policy_size, output.session_token_size), (Some(6), None));
}

#[test]
fn get_scoped_credentials() {
    let operation = GetScopedCredentials::new()
        .policy("{}")
        .duration_seconds(1)
        .minimum_session_token_size(4096)
        .scoped_session_description("nightly à la carte\n");
    assert_eq!(
        body(&operation),
        "Action=GetScopedCredentials&Version=2011-06-15&Policy=%7B%7D&DurationSeconds=1&MinimumSessionTokenSize=4096\
         &ScopedSessionDescription=nightly%20%C3%A0%20la%20carte%0A"
    );
    let xml = format!(
        r#"<GetScopedCredentialsResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetScopedCredentialsResult>
    <SessionInfo>
      <Arn>arn:aws:sts::123456789012:assumed-role/demo/TestAR</Arn>
      <ScopedSessionId>ARO123EXAMPLE123:TestAR</ScopedSessionId>
    </SessionInfo>
    <Credentials>
      <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
      <SecretAccessKey>{SECRET}</SecretAccessKey>
      <SessionToken>{TOKEN}</SessionToken>
      <Expiration>2026-11-23T03:00:01Z</Expiration>
    </Credentials>
    <ScopedPoliciesCount>3</ScopedPoliciesCount>
    <SourceIdentity>Alice</SourceIdentity>
    <SessionTokenUtilization>100</SessionTokenUtilization>
    <SessionTokenSize>4096</SessionTokenSize>
  </GetScopedCredentialsResult>
</GetScopedCredentialsResponse>"#
    );
    let output = receive(&operation, 200, &xml).unwrap().output;
    let expected = ("ASIAIOSFODNN7EXAMPLE", SECRET, TOKEN, utc_datetime!(2026-11-23 03:00:01));
    assert_credentials(&output.credentials, expected);
    let session = output.session_info.unwrap();
    assert_eq!(session.scoped_session_id, "ARO123EXAMPLE123:TestAR");
    assert_eq!(session.arn, "arn:aws:sts::123456789012:assumed-role/demo/TestAR");
    assert_eq!((output.scoped_policies_count, output.source_identity.as_deref()), (Some(3), Some("Alice")));
    assert_eq!((output.session_token_utilization, output.session_token_size), (Some(100), Some(4096)));
}

/// What the API reference says of `Scope` beyond its pattern.
#[test]
fn a_scope_is_of_an_origin_identity_and_for_one_audience() {
    let token = || GetWebIdentityToken::new(["app"], "ES384").scope("write read");
    let origin = || token().subject_mode("OriginIdentity");
    assert_eq!(
        body(&origin().duration_seconds(60).tags([Tag::new("a", "b")])),
        "Action=GetWebIdentityToken&Version=2011-06-15&Audience.member.1=app&DurationSeconds=60&SigningAlgorithm=ES384\
         &Scope=write%20read&SubjectMode=OriginIdentity&Tags.member.1.Key=a&Tags.member.1.Value=b"
    );
    assert!(origin().scope("read READ").to_body().is_ok());
    let two = GetWebIdentityToken::new(["a", "b"], "ES384");
    assert!(two.clone().subject_mode("OriginIdentity").to_body().is_ok());
    let mode = "Member must be null unless 'subjectMode' is OriginIdentity";
    for (operation, expected) in [
        (token(), &[mode][..]),
        (token().subject_mode("AWSIdentity"), &[mode]),
        (two.scope("write read"), &[mode, "Member must be null unless 'audience' has one element"]),
        (origin().scope("a b a"), &["Duplicate scope values found; scope values are case sensitive"]),
    ] {
        let error = operation.to_body().map(drop).unwrap_err();
        assert!(error.violations().iter().all(|violation| violation.member == "scope"), "{error}");
        assert_eq!(error.violations().iter().map(|violation| &*violation.constraint).collect::<Vec<_>>(), expected);
    }
    for spaced in [" a", "a ", "a  b", " "] {
        let error = origin().scope(spaced).to_body().map(drop).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("1 validation error detected: Value '{spaced}' at 'scope' failed")),
            "{error}"
        );
    }
}

#[test]
fn get_federation_token() {
    let operation = GetFederationToken::new("testFedUserSession")
        .policy(POLICY)
        .duration_seconds(3600)
        .tags([Tag::new("Project", "Pegasus"), Tag::new("Cost-Center", "98765")]);
    assert_eq!(
        body(&operation),
        "Action=GetFederationToken&Version=2011-06-15&Name=testFedUserSession\
         &Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Sid%22%3A%22Stmt1%22%2C%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AListAllMyBuckets%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D\
         &DurationSeconds=3600&Tags.member.1.Key=Project&Tags.member.1.Value=Pegasus\
         &Tags.member.2.Key=Cost-Center&Tags.member.2.Value=98765"
    );
    let xml = format!(
        r#"<GetFederationTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetFederationTokenResult>
    <Credentials>
      <SessionToken>{TOKEN}</SessionToken>
      <SecretAccessKey>{SECRET}</SecretAccessKey>
      <Expiration>2011-07-15T23:28:33.359Z</Expiration>
      <AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId>
    </Credentials>
    <FederatedUser>
      <Arn>arn:aws:sts::123456789012:federated-user/Bob</Arn>
      <FederatedUserId>123456789012:Bob</FederatedUserId>
    </FederatedUser>
    <PackedPolicySize>8</PackedPolicySize>
  </GetFederationTokenResult>
  <ResponseMetadata>
    <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>
  </ResponseMetadata>
</GetFederationTokenResponse>"#
    );
    let output = receive(&operation, 200, &xml).unwrap().output;
    let expected = ("AKIAIOSFODNN7EXAMPLE", SECRET, TOKEN, utc_datetime!(2011-07-15 23:28:33.359));
    assert_credentials(&output.credentials, expected);
    let user = output.federated_user.unwrap();
    assert_eq!(user.arn, "arn:aws:sts::123456789012:federated-user/Bob");
    assert_eq!(user.federated_user_id, "123456789012:Bob");
    assert_eq!(output.packed_policy_size, Some(8));
}

#[test]
fn decode_authorization_message() {
    let operation = DecodeAuthorizationMessage::new("<encoded-message>");
    assert_eq!(
        body(&operation),
        "Action=DecodeAuthorizationMessage&Version=2011-06-15&EncodedMessage=%3Cencoded-message%3E"
    );
    let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
<DecodeAuthorizationMessageResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <requestId>6624a9ca-cd25-4f50-b2a5-7ba65bf07453</requestId>
  <DecodeAuthorizationMessageResult>
    <DecodedMessage>
    {
      &quot;allowed&quot;: &quot;false&quot;,
      &quot;explicitDeny&quot;: &quot;false&quot;
    }
    </DecodedMessage>
  </DecodeAuthorizationMessageResult>
</DecodeAuthorizationMessageResponse>"#;
    let output = receive(&operation, 200, xml).unwrap().output;
    let message: serde_json::Value = serde_json::from_str(&output.decoded_message).unwrap();
    assert_eq!(message, serde_json::json!({ "allowed": "false", "explicitDeny": "false" }));
}

/// Of these, the reference has no sample request: the members in the API model's order.
#[test]
fn what_has_no_sample() {
    let root = AssumeRoot::new(
        "123456789012",
        PolicyDescriptor::new("arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"),
    );
    assert_eq!(
        body(&root.duration_seconds(900).minimum_session_token_size(7)),
        "Action=AssumeRoot&Version=2011-06-15&TargetPrincipal=123456789012&\
         TaskPolicyArn.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2Froot-task%2FS3UnlockBucketPolicy&DurationSeconds=900&MinimumSessionTokenSize=7"
    );
    assert_eq!(
        body(&GetDelegatedAccessToken::new("a.b.c")),
        "Action=GetDelegatedAccessToken&Version=2011-06-15&TradeInToken=a.b.c"
    );
    assert_eq!(
        body(&GetAccessKeyInfo::new("AKIAIOSFODNN7EXAMPLE")),
        "Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId=AKIAIOSFODNN7EXAMPLE"
    );
}

/// The `Credentials` of whoever answers otherwise than AWS.
const ISSUED: &str = "<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
     <SessionToken>token</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>";

fn response(operation: &str, members: &str) -> String {
    format!("<{operation}Response><{operation}Result>{members}</{operation}Result></{operation}Response>")
}

/// As `MinIO` and Ceph write it (`AssumeRoleId`, an empty `Arn`, no `ResponseMetadata`), `SeaweedFS` (no `AssumedRoleUser`), and others might.
/// botocore returns what is there.
#[test]
fn credentials_are_read_whatever_is_beside_them() {
    let role = |user: &str, more: &str| {
        let xml = response("AssumeRole", &format!("{user}{ISSUED}{more}"));
        receive(&AssumeRole::new("", ""), 200, &xml).unwrap().output
    };
    let minio = "<AssumedRoleUser><Arn></Arn><AssumeRoleId>minio:me</AssumeRoleId></AssumedRoleUser>";
    let user = role(minio, "").assumed_role_user.unwrap();
    assert_eq!((&*user.assumed_role_id, &*user.arn), ("minio:me", ""));
    let both = "<AssumedRoleUser><AssumeRoleId>no</AssumeRoleId><AssumedRoleId>yes</AssumedRoleId></AssumedRoleUser>";
    assert_eq!(role(both, "").assumed_role_user.unwrap().assumed_role_id, "yes");
    let alone =
        role("", "<PackedPolicySize>x</PackedPolicySize><SessionTokenSize>-1</SessionTokenSize><SourceIdentity/>");
    assert_eq!(alone.credentials.access_key_id, "ASIAEXAMPLE");
    assert!(alone.assumed_role_user.is_none() && alone.packed_policy_size.is_none());
    assert!(alone.session_token_size.is_none() && alone.source_identity.as_deref() == Some(""));
    accepts(&AssumeRole::new("", ""));
    accepts(&AssumeRoleWithSaml::new("", "", ""));
    accepts(&AssumeRoleWithWebIdentity::new("", "", ""));
    accepts(&AssumeRoot::new("", PolicyDescriptor::new("")));
    accepts(&GetDelegatedAccessToken::new(""));
    accepts(&GetFederationToken::new(""));
    accepts(&GetScopedCredentials::new());
    accepts(&GetSessionToken::new());
}

fn accepts<O: Operation>(operation: &O) {
    receive(operation, 200, &response(O::NAME, ISSUED)).unwrap();
    // Nothing takes the place of one of the four.
    for member in ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"] {
        let without = ISSUED.replace(&format!("<{member}>"), "<Other>").replace(&format!("</{member}>"), "</Other>");
        let error = receive(operation, 200, &response(O::NAME, &without)).map(drop).unwrap_err().to_string();
        assert!(error.contains(&format!("missing element {member} in Credentials")), "{error}");
    }
    let error = receive(operation, 200, &response(O::NAME, "")).map(drop).unwrap_err().to_string();
    assert!(error.contains("missing element Credentials"), "{error}");
}

#[test]
fn other_outputs_are_errors_only_when_they_are_useless() {
    let me = |members: &str| receive(&GetCallerIdentity::new(), 200, &response("GetCallerIdentity", members));
    let output = me("<Account>123456789012</Account>").unwrap().output;
    assert_eq!((&*output.account, &*output.arn, &*output.user_id), ("123456789012", "", ""));
    assert!(me("<Arn>a</Arn>").is_ok() && me("<UserId>u</UserId>").is_ok());
    let error = me("<Other>a</Other>").unwrap_err().to_string();
    assert!(error.contains("missing elements UserId, Account and Arn in GetCallerIdentityResult"), "{error}");

    let token =
        |members: &str| receive(&GetWebIdentityToken::new([""], ""), 200, &response("GetWebIdentityToken", members));
    for end in ["", "<Expiration>soon</Expiration>"] {
        let output = token(&format!("<WebIdentityToken>a.b.c</WebIdentityToken>{end}")).unwrap().output;
        assert_eq!((output.web_identity_token.expose(), output.expiration), ("a.b.c", None));
    }
    assert!(token("<Expiration>2030-01-01T00:00:00Z</Expiration>").is_err());
    let decoded = response("DecodeAuthorizationMessage", "");
    assert!(receive(&DecodeAuthorizationMessage::new(""), 200, &decoded).is_err());
    assert!(receive(&GetAccessKeyInfo::new(""), 200, &response("GetAccessKeyInfo", "")).is_err());
}

/// The API model requires none of their members, and botocore sends what is there.
#[test]
fn structures_may_be_half_empty() {
    let rest = |operation: &AssumeRole<'_>| body(operation).split_once("RoleSessionName=me").unwrap().1.to_owned();
    let role = AssumeRole::new("arn:aws:iam::123456789012:role/demo", "me");
    let half = [ProvidedContext::default().context_assertion("abcd"), ProvidedContext::default()];
    assert_eq!(rest(&role.clone().provided_contexts(half)), "&ProvidedContexts.member.1.ContextAssertion=abcd");
    assert_eq!(rest(&role.policy_arns([PolicyDescriptor::default()])), "");
}

#[test]
fn policies_and_tags_are_written_shortly() {
    let short = AssumeRole::new("", "").policy_arns(["a", "b"]).tags([("Project", "Pegasus"), ("Team", "Blue")]);
    let long = AssumeRole::new("", "")
        .policy_arns([PolicyDescriptor::new("a"), PolicyDescriptor::new("b")])
        .tags([Tag::new("Project", "Pegasus"), Tag::new("Team", "Blue")]);
    assert_eq!(short.to_body_unchecked().expose(), long.to_body_unchecked().expose());
}

/// What a function that takes a reply is tested with.
#[test]
fn replies_are_made_and_compared() {
    let output = GetCallerIdentityOutput::new("AIDA", "123456789012", "arn:aws:iam::123456789012:user/Alice");
    let mut reply = Reply::new(output.clone(), Metadata::new(http::StatusCode::OK));
    assert_eq!(reply, Reply::new(output, Metadata::new(http::StatusCode::OK)));
    reply.metadata.request_id = Some("7".to_owned());
    assert_eq!(reply.metadata.to_string(), "HTTP 200, request id 7");

    let credentials = |secret: &str| TemporaryCredentials::new("ASIA", secret, "t", utc_datetime!(2026-11-23 04:00));
    let mut output = AssumeRoleOutput::new(credentials("s"));
    output.source_identity = Some("me".to_owned());
    assert_ne!(output, AssumeRoleOutput::new(credentials("s")));
    assert_ne!(credentials("s"), credentials("x"));
    assert_ne!(credentials("s"), credentials("ss"));
    assert_eq!(credentials("s").expiration.to_string(), "2026-11-23T04:00:00Z");
}
