//! Typed operations from the suites' inputs.

use serde_json::Value;
use sts_conformance::{list, number, text};
use sts_core::{validate::InvalidInput, *};

/// Sets the members that are there.
macro_rules! set {
    ($operation:expr, $input:expr, $($member:literal => $setter:ident($read:expr)),+ $(,)?) => {{
        let mut operation = $operation;
        $(if let Some(value) = $input.get($member) {
            operation = operation.$setter($read(value));
        })+
        operation
    }};
}

fn tags(value: &Value) -> Vec<Tag<'_>> {
    list(value).iter().map(|tag| Tag::new(text(&tag["Key"]), text(&tag["Value"]))).collect()
}

fn policies(value: &Value) -> Vec<PolicyDescriptor<'_>> {
    list(value).iter().map(|policy| PolicyDescriptor::new(text(&policy["arn"]))).collect()
}

fn contexts(value: &Value) -> Vec<ProvidedContext<'_>> {
    let context = |value: &'_ Value| {
        ProvidedContext::new(text(&value["ProviderArn"]).to_owned(), text(&value["ContextAssertion"]).to_owned())
    };
    list(value).iter().map(context).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    list(value).iter().map(text).collect()
}

/// The body of a typed operation, its members held against their rules or not; nothing if there is no such operation.
pub(crate) fn typed_body(operation: &str, input: &Value, checked: bool) -> Option<Result<Body, InvalidInput>> {
    fn body(operation: &impl Operation, checked: bool) -> Result<Body, InvalidInput> {
        if checked { operation.to_body() } else { Ok(operation.to_body_unchecked()) }
    }
    let required = |member: &str| text(&input[member]).to_owned();
    Some(match operation {
        "AssumeRole" => body(
            &set!(AssumeRole::new(required("RoleArn"), required("RoleSessionName")), input,
                "PolicyArns" => policy_arns(policies),
                "Policy" => policy(text),
                "DurationSeconds" => duration_seconds(number),
                "Tags" => tags(tags),
                "TransitiveTagKeys" => transitive_tag_keys(texts),
                "ExternalId" => external_id(text),
                "SerialNumber" => serial_number(text),
                "TokenCode" => token_code(text),
                "SourceIdentity" => source_identity(text),
                "ProvidedContexts" => provided_contexts(contexts),
                "MinimumSessionTokenSize" => minimum_session_token_size(number),
            ),
            checked,
        ),
        "AssumeRoleWithWebIdentity" => body(
            &set!(
                AssumeRoleWithWebIdentity::new(
                    required("RoleArn"), required("RoleSessionName"), required("WebIdentityToken")
                ), input,
                "ProviderId" => provider_id(text),
                "PolicyArns" => policy_arns(policies),
                "Policy" => policy(text),
                "DurationSeconds" => duration_seconds(number),
                "MinimumSessionTokenSize" => minimum_session_token_size(number),
            ),
            checked,
        ),
        "AssumeRoleWithSAML" => body(
            &set!(
                AssumeRoleWithSaml::new(required("RoleArn"), required("PrincipalArn"), required("SAMLAssertion")), input,
                "PolicyArns" => policy_arns(policies),
                "Policy" => policy(text),
                "DurationSeconds" => duration_seconds(number),
                "MinimumSessionTokenSize" => minimum_session_token_size(number),
            ),
            checked,
        ),
        "AssumeRoot" => body(
            &set!(
                AssumeRoot::new(
                    required("TargetPrincipal"), PolicyDescriptor::new(text(&input["TaskPolicyArn"]["arn"]))
                ), input,
                "DurationSeconds" => duration_seconds(number),
                "MinimumSessionTokenSize" => minimum_session_token_size(number),
            ),
            checked,
        ),
        "DecodeAuthorizationMessage" => body(&DecodeAuthorizationMessage::new(required("EncodedMessage")), checked),
        "GetAccessKeyInfo" => body(&GetAccessKeyInfo::new(required("AccessKeyId")), checked),
        "GetCallerIdentity" => body(&GetCallerIdentity::new(), checked),
        "GetDelegatedAccessToken" => body(&GetDelegatedAccessToken::new(required("TradeInToken")), checked),
        "GetFederationToken" => body(
            &set!(GetFederationToken::new(required("Name")), input,
                "Policy" => policy(text),
                "PolicyArns" => policy_arns(policies),
                "DurationSeconds" => duration_seconds(number),
                "Tags" => tags(tags),
                "MinimumSessionTokenSize" => minimum_session_token_size(number),
            ),
            checked,
        ),
        "GetWebIdentityToken" => body(
            &set!(
                GetWebIdentityToken::new(texts(&input["Audience"]), required("SigningAlgorithm")), input,
                "DurationSeconds" => duration_seconds(number),
                "Scope" => scope(text),
                "SubjectMode" => subject_mode(text),
                "Tags" => tags(tags),
            ),
            checked,
        ),
        "GetScopedCredentials" => body(
            &set!(GetScopedCredentials::new(), input,
                "Policy" => policy(text),
                "DurationSeconds" => duration_seconds(number),
                "MinimumSessionTokenSize" => minimum_session_token_size(number),
                "ScopedSessionDescription" => scoped_session_description(text),
            ),
            checked,
        ),
        "GetSessionToken" => body(
            &set!(GetSessionToken::new(), input,
                "DurationSeconds" => duration_seconds(number),
                "SerialNumber" => serial_number(text),
                "TokenCode" => token_code(text),
                "MinimumSessionTokenSize" => minimum_session_token_size(number),
            ),
            checked,
        ),
        _ => return None,
    })
}
