// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! The limits of every operation's members, from the
//! [API reference](https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html): what is at a limit is sent, and one
//! more or less is not.

use sts_core::{validate::InvalidInput, *};

/// The member, its limits, and what a member of that length, size or value comes to.
type Limit = (&'static str, u32, u32, fn(u32) -> Result<Body, InvalidInput>);

const ROLE: &str = "arn:aws:iam::123456789012:role/demo";
const NO_LIMIT: u32 = u32::MAX;

fn text(length: u32) -> String {
    "1".repeat(length as usize)
}

fn tags(count: u32) -> impl Iterator<Item = Tag<'static>> {
    (0..count).map(|number| Tag::new(format!("key{number}"), ""))
}

fn role() -> AssumeRole<'static> {
    AssumeRole::new(ROLE, "name")
}

fn saml() -> AssumeRoleWithSaml<'static> {
    AssumeRoleWithSaml::new(ROLE, ROLE, "assertion")
}

fn web() -> AssumeRoleWithWebIdentity<'static> {
    AssumeRoleWithWebIdentity::new(ROLE, "name", "token")
}

fn root() -> AssumeRoot<'static> {
    AssumeRoot::new(
        "123456789012",
        PolicyDescriptor::new("arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"),
    )
}

fn check(limits: &[Limit]) {
    for (member, min, max, send) in limits {
        for legal in [*min, *max].into_iter().filter(|size| *size != NO_LIMIT) {
            assert!(send(legal).is_ok(), "{member} of {legal}: {}", send(legal).map(drop).unwrap_err());
        }
        for illegal in [min.checked_sub(1), max.checked_add(1)].into_iter().flatten() {
            let error = send(illegal).map(drop).unwrap_err();
            let members: Vec<_> = error.violations().iter().map(|violation| &*violation.member).collect();
            assert_eq!(members, [*member], "{illegal}: {error}");
        }
    }
}

#[test]
fn numbers_are_limited() {
    check(&[
        ("durationSeconds", 900, 43_200, |size| role().duration_seconds(size).to_body()),
        ("durationSeconds", 900, 43_200, |size| saml().duration_seconds(size).to_body()),
        ("durationSeconds", 900, 43_200, |size| web().duration_seconds(size).to_body()),
        ("durationSeconds", 0, 900, |size| root().duration_seconds(size).to_body()),
        ("durationSeconds", 900, 129_600, |size| GetSessionToken::new().duration_seconds(size).to_body()),
        ("durationSeconds", 900, 129_600, |size| GetFederationToken::new("Bob").duration_seconds(size).to_body()),
        ("durationSeconds", 1, 129_600, |size| GetScopedCredentials::new().duration_seconds(size).to_body()),
        ("durationSeconds", 60, 3600, |size| GetWebIdentityToken::new(["a"], "RS256").duration_seconds(size).to_body()),
        ("minimumSessionTokenSize", 0, 4096, |size| role().minimum_session_token_size(size).to_body()),
        ("minimumSessionTokenSize", 0, 4096, |size| saml().minimum_session_token_size(size).to_body()),
        ("minimumSessionTokenSize", 0, 4096, |size| web().minimum_session_token_size(size).to_body()),
        ("minimumSessionTokenSize", 0, 4096, |size| root().minimum_session_token_size(size).to_body()),
        ("minimumSessionTokenSize", 0, 4096, |size| GetSessionToken::new().minimum_session_token_size(size).to_body()),
        ("minimumSessionTokenSize", 0, 4096, |size| {
            GetFederationToken::new("Bob").minimum_session_token_size(size).to_body()
        }),
        ("minimumSessionTokenSize", 0, 4096, |size| {
            GetScopedCredentials::new().duration_seconds(900).minimum_session_token_size(size).to_body()
        }),
    ]);
}

#[test]
fn lists_are_limited() {
    check(&[
        ("tags", 0, 50, |size| role().tags(tags(size)).to_body()),
        ("tags", 0, 50, |size| GetFederationToken::new("Bob").tags(tags(size)).to_body()),
        ("tags", 0, 50, |size| GetWebIdentityToken::new(["a"], "RS256").tags(tags(size)).to_body()),
        ("transitiveTagKeys", 0, 50, |size| {
            let keys = (0..size).map(|number| format!("key{}", number % 50));
            role().tags(tags(50)).transitive_tag_keys(keys).to_body()
        }),
        ("providedContexts", 1, 5, |size| {
            let contexts =
                (0..size).map(|_| ProvidedContext::new("arn:aws:iam::aws:contextProvider/IdentityCenter", "abcd"));
            role().provided_contexts(contexts).to_body()
        }),
        ("audience", 1, 10, |size| GetWebIdentityToken::new((0..size).map(|_| "a"), "RS256").to_body()),
    ]);
}

#[test]
fn texts_are_limited() {
    check(&[
        ("roleArn", 20, 2048, |size| AssumeRoleWithSaml::new(text(size), ROLE, "assertion").to_body()),
        ("roleArn", 20, 2048, |size| AssumeRoleWithWebIdentity::new(text(size), "name", "token").to_body()),
        ("roleSessionName", 2, 64, |size| AssumeRoleWithWebIdentity::new(ROLE, text(size), "token").to_body()),
        ("principalArn", 20, 2048, |size| AssumeRoleWithSaml::new(ROLE, text(size), "assertion").to_body()),
        ("sAMLAssertion", 4, 100_000, |size| AssumeRoleWithSaml::new(ROLE, ROLE, text(size)).to_body()),
        ("webIdentityToken", 4, 20_000, |size| AssumeRoleWithWebIdentity::new(ROLE, "name", text(size)).to_body()),
        ("providerId", 4, 2048, |size| web().provider_id(text(size)).to_body()),
        ("policy", 1, NO_LIMIT, |size| role().policy(text(size)).to_body()),
        ("policy", 1, 2048, |size| saml().policy(text(size)).to_body()),
        ("policy", 1, 2048, |size| web().policy(text(size)).to_body()),
        ("policy", 1, 2048, |size| GetScopedCredentials::new().policy(text(size)).to_body()),
        ("policyArns.1.member.arn", 20, 2048, |size| role().policy_arns([PolicyDescriptor::new(text(size))]).to_body()),
        ("policyArns.1.member.arn", 20, 2048, |size| saml().policy_arns([PolicyDescriptor::new(text(size))]).to_body()),
        ("policyArns.1.member.arn", 20, 2048, |size| web().policy_arns([PolicyDescriptor::new(text(size))]).to_body()),
        ("policyArns.1.member.arn", 20, 2048, |size| {
            GetFederationToken::new("Bob").policy_arns([PolicyDescriptor::new(text(size))]).to_body()
        }),
        ("taskPolicyArn.arn", 20, 2048, |size| {
            AssumeRoot::new("123456789012", PolicyDescriptor::new(text(size))).to_body()
        }),
        ("targetPrincipal", 12, 2048, |size| {
            AssumeRoot::new(text(size), PolicyDescriptor::new("arn:aws:iam::aws:policy/x")).to_body()
        }),
        ("providedContexts.1.member.providerArn", 20, 2048, |size| {
            role().provided_contexts([ProvidedContext::new(text(size), "abcd")]).to_body()
        }),
        ("providedContexts.1.member.contextAssertion", 4, 3072, |size| {
            role().provided_contexts([ProvidedContext::default().context_assertion(text(size))]).to_body()
        }),
        ("serialNumber", 9, 256, |size| role().serial_number(text(size)).token_code("123456").to_body()),
        ("tokenCode", 6, 6, |size| role().serial_number("123456789").token_code(text(size)).to_body()),
        ("encodedMessage", 1, 10_240, |size| DecodeAuthorizationMessage::new(text(size)).to_body()),
        ("audience.1.member", 1, 1000, |size| GetWebIdentityToken::new([text(size)], "RS256").to_body()),
        ("signingAlgorithm", 5, 5, |size| GetWebIdentityToken::new(["a"], text(size)).to_body()),
    ]);
}

#[test]
fn a_subject_mode_is_one_of_two() {
    let send = |mode: &'static str| GetWebIdentityToken::new(["a"], "RS256").subject_mode(mode).to_body();
    assert!(send("AWSIdentity").is_ok() && send("OriginIdentity").is_ok());
    assert!(send("awsIdentity").is_err() && send("").is_err());
}
