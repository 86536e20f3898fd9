//! ARNs, account ids and session names.

use alloc::string::String;

use crate::shapes::NAME_CHARS;

/// The parts of an Amazon Resource Name, `arn:aws:sts::123456789012:assumed-role/demo/me`.
/// [Format](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html)
///
/// ```
/// use sts_core::identity::Arn;
///
/// let arn = Arn::parse("arn:aws:sts::123456789012:assumed-role/demo/me").unwrap();
/// assert_eq!((arn.partition, arn.account), ("aws", "123456789012"));
/// assert_eq!((arn.role_name(), arn.session_name()), (Some("demo"), Some("me")));
///
/// let role = Arn::parse("arn:aws-cn:iam::123456789012:role/team/demo").unwrap();
/// assert_eq!((role.role_name(), role.session_name()), (Some("demo"), None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// `iam`, `sts`, …
    pub service: &'a str,
    /// Empty for identities, which are global.
    pub region: &'a str,
    /// The account, twelve digits.
    pub account: &'a str,
    /// `user/Bob`, `role/team/demo`, `assumed-role/demo/me`, `root`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Parses an ARN; `None` if the text is not one.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next();
        let ("arn", partition, service, region, account, resource) =
            (next()?, next()?, next()?, next()?, next()?, next()?)
        else {
            return None;
        };
        let is_arn = !partition.is_empty() && !service.is_empty() && !resource.is_empty();
        is_arn.then_some(Self { partition, service, region, account, resource })
    }

    /// The name of a role or of an assumed role's role, without its path.
    pub fn role_name(self) -> Option<&'a str> {
        match self.resource.split_once('/')? {
            ("role", path_and_name) => path_and_name.rsplit('/').next(),
            ("assumed-role", role_and_session) => role_and_session.split('/').next(),
            _ => None,
        }
    }

    /// The name of an assumed role's session.
    pub fn session_name(self) -> Option<&'a str> {
        Some(self.resource.strip_prefix("assumed-role/")?.split_once('/')?.1)
    }
}

/// The account of an access key, decoded from the key's id without a call to AWS. `None` for keys from before 2019 and for texts that
/// are not key ids. [`GetAccessKeyInfo`](crate::GetAccessKeyInfo) asks AWS instead.
///
/// The id is base32, and 40 of its bits are the account's number. AWS does not document this format.
///
/// ```
/// assert_eq!(sts_core::identity::account_of("ASIAQNZGKIQY56JQ7WML").as_deref(), Some("029608264753"));
/// assert_eq!(sts_core::identity::account_of("AKIAIOSFODNN7EXAMPLE"), None);
/// ```
pub fn account_of(access_key_id: &str) -> Option<String> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let body = access_key_id.strip_prefix("AKIA").or_else(|| access_key_id.strip_prefix("ASIA"))?.as_bytes();
    let digit = |byte: &u8| DIGITS.iter().position(|digit| digit == byte);
    // Older ids, which do not contain the account, have a smaller first digit.
    if body.len() != 16 || digit(&body[0])? < 16 {
        return None;
    }
    let bits = body[..10].iter().try_fold(0_u64, |bits, byte| Some((bits << 5) | digit(byte)? as u64))?;
    // 50 bits: 1 flag, 40 for the account, 9 of the remainder.
    let account = (bits >> 9) & ((1 << 40) - 1);
    (account < 1_000_000_000_000).then(|| alloc::format!("{account:012}"))
}

/// A valid `RoleSessionName` from any text: characters outside `[\w+=,.@-]` become `-`, and the length is cut or padded to 2–64.
///
/// ```
/// assert_eq!(sts_core::identity::session_name("Zoë@host: build 7"), "Zo-@host--build-7");
/// assert_eq!(sts_core::identity::session_name(""), "--");
/// ```
pub fn session_name(text: &str) -> String {
    let mut name: String = text.chars().take(64).map(|c| if NAME_CHARS.allows(c) { c } else { '-' }).collect();
    while name.len() < 2 {
        name.push('-');
    }
    name
}
