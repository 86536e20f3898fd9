//! Typed outputs as botocore shows them.

use serde_json::{Value, json};
use sts_core::*;

use crate::{
    common::receive,
    data::{number, text},
};

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
            ("AssumedRoleUser", self.assumed_role_user.show()),
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
            ("AssumedRoleUser", self.assumed_role_user.show()),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("Provider", json!(self.provider)),
            ("Audience", json!(self.audience)),
            ("SourceIdentity", json!(self.source_identity)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
        ])
    }
}

impl Show for shapes::FederatedUser {
    fn show(&self) -> Value {
        object([("FederatedUserId", json!(self.federated_user_id)), ("Arn", json!(self.arn))])
    }
}

impl Show for AssumeRoleWithSamlOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("AssumedRoleUser", self.assumed_role_user.show()),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("Subject", json!(self.subject)),
            ("SubjectType", json!(self.subject_type)),
            ("Issuer", json!(self.issuer)),
            ("Audience", json!(self.audience)),
            ("NameQualifier", json!(self.name_qualifier)),
            ("SourceIdentity", json!(self.source_identity)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
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
            ("FederatedUser", self.federated_user.show()),
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
            ("Expiration", json!(self.expiration.unix_timestamp())),
        ])
    }
}

impl Show for GetCallerIdentityOutput {
    fn show(&self) -> Value {
        object([("UserId", json!(self.user_id)), ("Account", json!(self.account)), ("Arn", json!(self.arn))])
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

/// What came of a response: the request id, and the output, or else the code and the text of the error.
fn shown<O: Operation<Output: Show>>(operation: &O, case: &Value) -> Result<(Option<String>, Value), Error<()>> {
    let status = u16::try_from(number(&case["status"])).unwrap();
    receive(operation, status, text(&case["xml"])).map(|reply| (reply.metadata.request_id, reply.output.show()))
}

/// The result of a typed operation.
pub(crate) fn typed_result(operation: &str, case: &Value) -> Result<(Option<String>, Value), Error<()>> {
    match operation {
        "AssumeRole" => shown(&AssumeRole::new("", ""), case),
        "AssumeRoleWithSAML" => shown(&AssumeRoleWithSaml::new("", "", ""), case),
        "AssumeRoleWithWebIdentity" => shown(&AssumeRoleWithWebIdentity::new("", "", ""), case),
        "AssumeRoot" => shown(&AssumeRoot::new("", PolicyDescriptor::new("")), case),
        "DecodeAuthorizationMessage" => shown(&DecodeAuthorizationMessage::new(""), case),
        "GetAccessKeyInfo" => shown(&GetAccessKeyInfo::new(""), case),
        "GetCallerIdentity" => shown(&GetCallerIdentity::new(), case),
        "GetDelegatedAccessToken" => shown(&GetDelegatedAccessToken::new(""), case),
        "GetFederationToken" => shown(&GetFederationToken::new(""), case),
        "GetSessionToken" => shown(&GetSessionToken::new(), case),
        "GetWebIdentityToken" => shown(&GetWebIdentityToken::new([""], ""), case),
        _ => panic!("no such operation: {operation}"),
    }
}
