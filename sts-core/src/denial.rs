//! Details in the messages of service errors: who was denied what, and encoded authorization messages.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
};

use crate::{sigv4::CanonicalRequest, text::snippet};

/// The parts of an `AccessDenied` message, from STS or any other service:
/// `User: arn:aws:iam::123456789012:user/Bob is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/demo`.
///
/// ```
/// use sts_core::denial::Denial;
///
/// let text = "User: arn:aws:iam::123456789012:user/Bob is not authorized to perform: sts:AssumeRole on resource: \
///             arn:aws:iam::123456789012:role/demo because no identity-based policy allows the sts:AssumeRole action";
/// let denial = Denial::parse(text).unwrap();
/// assert_eq!(denial.principal, "arn:aws:iam::123456789012:user/Bob");
/// assert_eq!(denial.action, "sts:AssumeRole");
/// assert_eq!(denial.resource, Some("arn:aws:iam::123456789012:role/demo"));
/// assert_eq!(denial.reason, Some("no identity-based policy allows the sts:AssumeRole action"));
/// ```
/// [Troubleshooting access denied errors](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denial<'a> {
    /// ARN of the caller.
    pub principal: &'a str,
    /// `service:Action`.
    pub action: &'a str,
    /// ARN of the resource, if the message names one.
    pub resource: Option<&'a str>,
    /// The kind of policy that denied the action, if the message says so.
    pub reason: Option<&'a str>,
}

impl<'a> Denial<'a> {
    /// Parses a message; `None` if it does not have this form.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (principal, rest) = after(text, "User: ")?.split_once(" is not authorized to perform: ")?;
        let marks = [" because ", " with an explicit deny"];
        let (rest, reason) = match marks.iter().filter_map(|mark| rest.find(mark)).min() {
            Some(end) => (&rest[..end], Some(sentence(rest[end..].trim_start_matches(" because ")))),
            None => (rest, None),
        };
        let (action, resource) = match rest.split_once(" on resource: ") {
            Some((action, resource)) => (action, Some(sentence(resource))),
            None => (sentence(rest), None),
        };
        Some(Self { principal: principal.trim(), action, resource, reason })
    }
}

/// The encoded part of a message such as `… Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6…`, for
/// [`DecodeAuthorizationMessage`](crate::DecodeAuthorizationMessage).
///
/// ```
/// use sts_core::denial::encoded_authorization_message;
///
/// let text = "You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTk-IaWHQD0Q_0m6";
/// assert_eq!(encoded_authorization_message(text), Some("4GIOHlTk-IaWHQD0Q_0m6"));
/// ```
pub fn encoded_authorization_message(text: &str) -> Option<&str> {
    let rest = after(text, "ncoded authorization failure message:")?.trim_start();
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+/=_-".contains(c))).unwrap_or(rest.len());
    (end > 0).then_some(&rest[..end])
}

/// The first line in which the canonical request that was signed differs from the one that a `SignatureDoesNotMatch` message quotes.
/// `None` if it quotes none, or if they are equal, which means that the key is wrong and not the request. `text` has been through
/// [`without_token`].
pub(crate) fn explain_mismatch(text: &str, ours: &CanonicalRequest) -> Option<String> {
    let quoted = after(text, "The Canonical String for this request should have been\n'")?;
    let theirs = quoted.split_once("'\n").map_or(quoted.trim_end_matches('\''), |(theirs, _)| theirs);
    let ours = without_token(&ours.to_string());
    let mut pairs = theirs.lines().zip(ours.lines());
    let (theirs, ours) = match pairs.find(|(theirs, ours)| theirs != ours) {
        Some((theirs, ours)) => (snippet(theirs), snippet(ours)),
        None if theirs.lines().count() == ours.lines().count() => return None,
        None => ("more or fewer lines", "the rest"),
    };
    Some(format!("the service saw {theirs:?} where {ours:?} was signed"))
}

/// Redacts the session token in a text that may quote a canonical request.
pub(crate) fn without_token(text: &str) -> String {
    const HEADER: &str = "x-amz-security-token:";
    let mut parts = text.split(HEADER);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find('\n').unwrap_or(part.len());
        shown = shown + HEADER + "[redacted]" + &part[end..];
    }
    shown
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

/// Trims a text and its final full stop.
fn sentence(text: &str) -> &str {
    let text = text.trim();
    text.strip_suffix('.').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_without_resource_or_reason() {
        let denial = Denial::parse("User: a is not authorized to perform: sts:GetSessionToken").unwrap();
        assert_eq!(
            (denial.principal, denial.action, denial.resource, denial.reason),
            ("a", "sts:GetSessionToken", None, None)
        );
        let denial = Denial::parse("User:  is not authorized to perform: sts:X on resource: r.").unwrap();
        assert_eq!((denial.principal, denial.action, denial.resource), ("", "sts:X", Some("r")));
        let denial = Denial::parse(
            "User: a is not authorized to perform: sts:X on resource: r with an explicit deny in a service control policy",
        );
        let denial = denial.unwrap();
        assert_eq!(denial.resource, Some("r"));
        assert_eq!(denial.reason, Some("with an explicit deny in a service control policy"));
        assert_eq!(Denial::parse("Cannot call GetSessionToken with session credentials"), None);
    }

    #[test]
    fn encoded_messages() {
        assert_eq!(encoded_authorization_message("Encoded authorization failure message: "), None);
        assert_eq!(encoded_authorization_message("x. encoded authorization failure message: abc. Go on"), Some("abc"));
        assert_eq!(encoded_authorization_message("nothing"), None);
    }
}
