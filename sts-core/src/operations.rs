//! The operations, one file each, named as AWS names them.
//!
//! Required members are arguments of `new`, optional ones are chained setters with the member's
//! name in snake case; a list's setter adds one element, or as many as an iterator yields with
//! `extend`-style setters in the plural. Inputs borrow or own their texts; outputs own them.

mod assume_role;
mod assume_role_with_web_identity;
mod get_caller_identity;
mod get_session_token;

pub use assume_role::{AssumeRole, AssumeRoleOutput};
pub use assume_role_with_web_identity::{AssumeRoleWithWebIdentity, AssumeRoleWithWebIdentityOutput};
pub use get_caller_identity::{GetCallerIdentity, GetCallerIdentityOutput};
pub use get_session_token::{GetSessionToken, GetSessionTokenOutput};
