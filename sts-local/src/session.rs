//! Session tokens. As with AWS, a token carries its session, so that no sessions are stored.

use base64::{Engine, prelude::BASE64_STANDARD};
use sts_core::Secret;
use time::UtcDateTime;

use crate::{
    account::{Caller, Kind},
    mint::Mint,
};

/// The prefix of AWS's current tokens.
const PREFIX: &str = "IQoJb3JpZ2luX2Vj";
/// A typical token length, in characters.
const USUAL_SIZE: u32 = 816;
/// The kinds of caller that have a session. A token contains an index into this list.
const KINDS: [Kind; 4] = [Kind::UserSession, Kind::FederatedUser, Kind::Role, Kind::Root];

/// Temporary credentials: their key, their caller and their expiration.
pub(crate) struct Session {
    pub(crate) access_key_id: String,
    pub(crate) caller: Caller,
}

/// The content of a token, as written by [`Session::seal`].
type Fields = (String, String, String, String, usize, Option<String>, Option<i64>, u32);

impl Session {
    /// The session's token, with at least this many characters.
    pub(crate) fn seal(&self, mint: &Mint, minimum_size: u32) -> Secret {
        let Caller { user_id, arn, principal, kind, source_identity, expiration, scoped_policies } = &self.caller;
        let kind = KINDS.iter().position(|one| one == kind);
        let end = expiration.map(UtcDateTime::unix_timestamp);
        let fields = (&self.access_key_id, user_id, arn, principal, kind, source_identity, end, scoped_policies);
        let json = serde_json::json!(fields).to_string();

        let mut bytes = [&mint.hash("session", &json)[..], json.as_bytes(), b"\0"].concat();
        let size = minimum_size.max(USUAL_SIZE).next_multiple_of(4);
        let size = (usize::try_from(size).unwrap_or_default() - PREFIX.len()) / 4 * 3;
        // A multiple of three bytes needs no padding in base64.
        let size = size.max(bytes.len()).next_multiple_of(3);
        let filler = (0..).flat_map(|block| mint.hash("filler", &format!("{}/{block}", self.access_key_id)));
        bytes.extend(filler.take(size - bytes.len()));
        format!("{PREFIX}{}", BASE64_STANDARD.encode(bytes)).into()
    }

    /// The session in a token of [`seal`](Self::seal); `None` for any other text.
    pub(crate) fn open(mint: &Mint, token: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let (hash, rest) = bytes.split_at_checked(32)?;
        let json = str::from_utf8(rest.split(|byte| *byte == 0).next()?).ok()?;
        if mint.hash("session", json) != hash {
            return None;
        }
        let fields: Fields = serde_json::from_str(json).ok()?;
        let (access_key_id, user_id, arn, principal, kind, source_identity, end, scoped_policies) = fields;
        let expiration = end.map(UtcDateTime::from_unix_timestamp).transpose().ok()?;
        let kind = *KINDS.get(kind)?;
        let caller = Caller { user_id, arn, principal, kind, source_identity, expiration, scoped_policies };
        Some(Self { access_key_id, caller })
    }
}
