//! The operations, one file each: a function from call to result.
//!
//! To add one, write its file (rebuild the client's operation from the form, let the form check it, answer) and name it in
//! [`OPERATIONS`] and [`find`].

mod assume_role;
mod assume_role_with_web_identity;
mod get_caller_identity;
mod get_session_token;

use time::UtcDateTime;

use crate::{
    LocalSts,
    account::Caller,
    answer::{Refusal, Xml},
    form::Form,
};

/// The operations that are answered.
pub const OPERATIONS: [&str; 4] = ["AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity", "GetSessionToken"];

/// What an operation's function works with.
pub(crate) struct Call<'a> {
    pub(crate) sts: &'a LocalSts,
    pub(crate) form: &'a Form,
    pub(crate) now: UtcDateTime,
}

/// An operation's function.
pub(crate) enum Handler {
    Signed(fn(&Call<'_>, &Caller) -> Result<Xml, Refusal>),
    Unsigned(fn(&Call<'_>) -> Result<Xml, Refusal>),
}

pub(crate) fn find(action: &str) -> Option<Handler> {
    Some(match action {
        "AssumeRole" => Handler::Signed(assume_role::answer),
        "AssumeRoleWithWebIdentity" => Handler::Unsigned(assume_role_with_web_identity::answer),
        "GetCallerIdentity" => Handler::Signed(get_caller_identity::answer),
        "GetSessionToken" => Handler::Signed(get_session_token::answer),
        _ => return None,
    })
}
