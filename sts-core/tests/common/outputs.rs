//! Typed outputs as botocore shows them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sts_core::*;

use crate::common::receive;

/// An output as botocore shows it.
trait Show {
    fn show(&self) -> Value;
}

/// A JSON object of the members that are there.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    members.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect()
}

impl Show for TemporaryCredentials {
    fn show(&self) -> Value {
        object([
            ("AccessKeyId", json!(self.access_key_id)),
            ("SecretAccessKey", json!(self.secret_access_key.expose())),
            ("SessionToken", json!(self.session_token.expose())),
            ("Expiration", json!(self.expiration.unix_timestamp())),
        ])
    }
}

impl Show for shapes::AssumedRoleUser {
    fn show(&self) -> Value {
        object([("AssumedRoleId", json!(self.assumed_role_id)), ("Arn", json!(self.arn))])
    }
}

impl Show for AssumeRoleOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("AssumedRoleUser", self.assumed_role_user.as_ref().map_or(Value::Null, Show::show)),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("SourceIdentity", json!(self.source_identity)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
        ])
    }
}

impl Show for AssumeRoleWithWebIdentityOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("SubjectFromWebIdentityToken", json!(self.subject_from_web_identity_token)),
            ("AssumedRoleUser", self.assumed_role_user.as_ref().map_or(Value::Null, Show::show)),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("Provider", json!(self.provider)),
            ("Audience", json!(self.audience)),
            ("SourceIdentity", json!(self.source_identity)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
            (
                "TrustedIdentityPropagationContext",
                self.trusted_identity_propagation_context.as_ref().map_or(Value::Null, Show::show),
            ),
        ])
    }
}

impl Show for shapes::FederatedUser {
    fn show(&self) -> Value {
        object([("FederatedUserId", json!(self.federated_user_id)), ("Arn", json!(self.arn))])
    }
}

impl Show for shapes::ScopedSession {
    fn show(&self) -> Value {
        object([("ScopedSessionId", json!(self.scoped_session_id)), ("Arn", json!(self.arn))])
    }
}

impl Show for shapes::TrustedIdentityPropagationContext {
    fn show(&self) -> Value {
        object([
            ("OriginIdentity", self.origin_identity.as_ref().map_or(Value::Null, Show::show)),
            ("TransactionContext", self.transaction_context.as_ref().map_or(Value::Null, Show::show)),
        ])
    }
}

impl Show for shapes::OriginIdentity {
    fn show(&self) -> Value {
        object([
            ("Subject", json!(self.subject.as_ref().map(Secret::expose))),
            ("SubjectType", json!(self.subject_type.as_ref().map(Secret::expose))),
            ("Issuer", json!(self.issuer.as_ref().map(Secret::expose))),
            ("FederatedProviderArn", json!(self.federated_provider_arn)),
        ])
    }
}

impl Show for shapes::TransactionContext {
    fn show(&self) -> Value {
        let map =
            |map: &BTreeMap<String, Secret>| map.iter().map(|(key, value)| (key.clone(), value.expose())).collect();
        object([("IdentityProvider", self.identity_provider.as_ref().map_or(Value::Null, map))])
    }
}

impl Show for AssumeRoleWithSamlOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("AssumedRoleUser", self.assumed_role_user.as_ref().map_or(Value::Null, Show::show)),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("Subject", json!(self.subject)),
            ("SubjectType", json!(self.subject_type)),
            ("Issuer", json!(self.issuer)),
            ("Audience", json!(self.audience)),
            ("NameQualifier", json!(self.name_qualifier)),
            ("SourceIdentity", json!(self.source_identity)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
            (
                "TrustedIdentityPropagationContext",
                self.trusted_identity_propagation_context.as_ref().map_or(Value::Null, Show::show),
            ),
        ])
    }
}

impl Show for AssumeRootOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("SourceIdentity", json!(self.source_identity)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
        ])
    }
}

impl Show for DecodeAuthorizationMessageOutput {
    fn show(&self) -> Value {
        object([("DecodedMessage", json!(self.decoded_message))])
    }
}

impl Show for GetAccessKeyInfoOutput {
    fn show(&self) -> Value {
        object([("Account", json!(self.account))])
    }
}

impl Show for GetDelegatedAccessTokenOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("AssumedPrincipal", json!(self.assumed_principal)),
        ])
    }
}

impl Show for GetFederationTokenOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("FederatedUser", self.federated_user.as_ref().map_or(Value::Null, Show::show)),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
        ])
    }
}

impl Show for GetWebIdentityTokenOutput {
    fn show(&self) -> Value {
        object([
            ("WebIdentityToken", json!(self.web_identity_token.expose())),
            ("Expiration", json!(self.expiration.map(|end| end.unix_timestamp()))),
        ])
    }
}

impl Show for GetCallerIdentityOutput {
    fn show(&self) -> Value {
        object([("UserId", json!(self.user_id)), ("Account", json!(self.account)), ("Arn", json!(self.arn))])
    }
}

impl Show for GetScopedCredentialsOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("SessionInfo", self.session_info.as_ref().map_or(Value::Null, Show::show)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
            ("ScopedPoliciesCount", json!(self.scoped_policies_count)),
            ("SourceIdentity", json!(self.source_identity)),
        ])
    }
}

impl Show for GetSessionTokenOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
        ])
    }
}

/// The request id and the output.
fn shown<O: Operation<Output: Show>>(operation: &O, status: u16, xml: &str) -> Result<(Option<String>, Value), Error> {
    receive(operation, status, xml).map(|reply| (reply.metadata.request_id, reply.output.show()))
}

/// What a typed operation makes of a response: the request id and the output.
pub(crate) fn typed_result(operation: &str, status: u16, xml: &str) -> Result<(Option<String>, Value), Error> {
    match operation {
        "AssumeRole" => shown(&AssumeRole::new("", ""), status, xml),
        "AssumeRoleWithSAML" => shown(&AssumeRoleWithSaml::new("", "", ""), status, xml),
        "AssumeRoleWithWebIdentity" => shown(&AssumeRoleWithWebIdentity::new("", "", ""), status, xml),
        "AssumeRoot" => shown(&AssumeRoot::new("", PolicyDescriptor::new("")), status, xml),
        "DecodeAuthorizationMessage" => shown(&DecodeAuthorizationMessage::new(""), status, xml),
        "GetAccessKeyInfo" => shown(&GetAccessKeyInfo::new(""), status, xml),
        "GetCallerIdentity" => shown(&GetCallerIdentity::new(), status, xml),
        "GetDelegatedAccessToken" => shown(&GetDelegatedAccessToken::new(""), status, xml),
        "GetFederationToken" => shown(&GetFederationToken::new(""), status, xml),
        "GetScopedCredentials" => shown(&GetScopedCredentials::new(), status, xml),
        "GetSessionToken" => shown(&GetSessionToken::new(), status, xml),
        "GetWebIdentityToken" => shown(&GetWebIdentityToken::new([""], ""), status, xml),
        _ => panic!("no such operation: {operation}"),
    }
}
