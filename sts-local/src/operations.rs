//! The operations, one file each. Each is a function from a call to its result.
//!
//! To add one, write its file (rebuild the client's operation from the form, let it check the members, respond), and add it to [`find`].

mod assume_role;
mod assume_role_with_saml;
mod assume_role_with_web_identity;
mod assume_root;
mod decode_authorization_message;
mod get_access_key_info;
mod get_caller_identity;
mod get_delegated_access_token;
mod get_federation_token;
mod get_scoped_credentials;
mod get_session_token;
mod get_web_identity_token;

use crate::{
    account::Caller,
    answer::{Refusal, Xml},
    call::Call,
};

/// The function of an operation.
pub(crate) enum Handler {
    Signed(fn(&Call<'_>, &Caller) -> Result<Xml, Refusal>),
    Unsigned(fn(&Call<'_>) -> Result<Xml, Refusal>),
}

pub(crate) fn find(action: &str) -> Option<Handler> {
    use Handler::{Signed, Unsigned};
    Some(match action {
        "AssumeRole" => Signed(assume_role::answer),
        "AssumeRoleWithSAML" => Unsigned(assume_role_with_saml::answer),
        "AssumeRoleWithWebIdentity" => Unsigned(assume_role_with_web_identity::answer),
        "AssumeRoot" => Signed(assume_root::answer),
        "DecodeAuthorizationMessage" => Signed(decode_authorization_message::answer),
        "GetAccessKeyInfo" => Signed(get_access_key_info::answer),
        "GetCallerIdentity" => Signed(get_caller_identity::answer),
        "GetDelegatedAccessToken" => Signed(get_delegated_access_token::answer),
        "GetFederationToken" => Signed(get_federation_token::answer),
        "GetScopedCredentials" => Signed(get_scoped_credentials::answer),
        "GetSessionToken" => Signed(get_session_token::answer),
        "GetWebIdentityToken" => Signed(get_web_identity_token::answer),
        _ => return None,
    })
}
