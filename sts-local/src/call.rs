//! A call and code that several operations share: issuing credentials, and checks of common members.

use std::collections::HashSet;

use sts_core::{ErrorCode, identity::Arn};
use time::{SignedDuration, UtcDateTime, format_description::well_known::Rfc3339};

use crate::{
    account::{Account, Caller, Role},
    answer::{Refusal, Xml},
    form::Form,
    session::Session,
};

/// The largest [`MinimumSessionTokenSize`], in characters.
///
/// [`MinimumSessionTokenSize`]: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const MAX_TOKEN_SIZE: usize = 4096;
/// The maximum size of session policies and tags, in bytes. AWS packs them into 2048 bytes, in a format that needs about half of the plain
/// text's size.
const MAX_POLICY_SIZE: usize = 4096;

/// The input of an operation's function.
pub(crate) struct Call<'a> {
    pub(crate) account: &'a Account,
    pub(crate) form: &'a Form,
    pub(crate) now: UtcDateTime,
}

impl Call<'_> {
    /// Issues credentials with a lifetime in seconds. Writes `Credentials`, `SessionTokenUtilization` and `SessionTokenSize`.
    pub(crate) fn issue(&self, xml: &mut Xml, caller: Caller, seconds: u32) -> Result<(), Refusal> {
        let token_size = self.issue_credentials(xml, caller, seconds)?;
        xml.text("SessionTokenUtilization", (100 * token_size).div_ceil(MAX_TOKEN_SIZE));
        xml.text("SessionTokenSize", token_size);
        Ok(())
    }

    /// Issues credentials without writing the two sizes. Returns the size of the token.
    pub(crate) fn issue_credentials(&self, xml: &mut Xml, caller: Caller, seconds: u32) -> Result<usize, Refusal> {
        let mint = &self.account.mint;
        let access_key_id = mint.draw_access_key_id(caller.account_id());
        let expiration = self.whole_now().saturating_add(SignedDuration::seconds(seconds.into()));
        let session = Session { access_key_id, caller: Caller { expiration: Some(expiration), ..caller } };
        let token = session.seal(mint, self.form.number("MinimumSessionTokenSize")?.unwrap_or_default());
        xml.group("Credentials", |xml| {
            xml.text("AccessKeyId", &session.access_key_id);
            xml.text("SecretAccessKey", mint.secret_access_key(&session.access_key_id).expose());
            xml.text("SessionToken", token.expose());
            xml.text("Expiration", expiration.format(&Rfc3339).unwrap_or_default());
        });
        Ok(token.expose().len())
    }

    /// The current time in whole seconds, since credentials expire at whole seconds.
    pub(crate) fn whole_now(&self) -> UtcDateTime {
        self.now.replace_nanosecond(0).unwrap_or(self.now)
    }

    /// The role with this ARN, if it exists.
    pub(crate) fn role(&self, arn: &str) -> Result<Option<&Role>, Refusal> {
        match Arn::parse(arn) {
            Some(Arn { service: "iam", resource, .. }) if resource.starts_with("role/") => {
                Ok(self.account.roles.iter().find(|role| role.arn(&self.account.id) == arn))
            }
            Some(_) => Err(Refusal::invalid("Request ARN is invalid")),
            None => Err(Refusal::invalid(format!("{arn} is invalid"))),
        }
    }

    /// Issues credentials for a role. Writes the members that all operations for assuming a role have in common.
    pub(crate) fn assume(&self, role: &Role, name: &str, source_identity: Option<&str>) -> Result<Xml, Refusal> {
        let seconds = self.form.number("DurationSeconds")?.unwrap_or(3600);
        if seconds > role.max_seconds() {
            return Err(Refusal::invalid(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        let packed = self.packed_policy_size()?;
        let mut session = role.session(self.account, name);
        session.source_identity = source_identity.map(Into::into);
        let mut xml = Xml::default();
        xml.group("AssumedRoleUser", |xml| {
            xml.text("AssumedRoleId", &session.user_id);
            xml.text("Arn", &session.arn);
        });
        self.issue(&mut xml, session, seconds)?;
        xml.optional("PackedPolicySize", packed);
        xml.optional("SourceIdentity", source_identity);
        Ok(xml)
    }

    /// Checks that the keys of `Tags` differ in more than case, and that they include all `TransitiveTagKeys`.
    pub(crate) fn check_tags(&self) -> Result<(), Refusal> {
        let refuse = |text| Err(Refusal::new(ErrorCode::Other("InvalidParameterValue".into()), text));
        let mut keys = HashSet::new();
        let tags = self.form.list("Tags", |tag| tag.field("Key").to_lowercase()).unwrap_or_default();
        if !tags.into_iter().all(|key| keys.insert(key)) {
            return refuse("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        }
        let transitive = self.form.list("TransitiveTagKeys", |key| key.text().to_lowercase()).unwrap_or_default();
        if !transitive.iter().all(|key| keys.contains(key)) {
            return refuse("The specified transitive tag key must be included in the requested tags.");
        }
        Ok(())
    }

    /// Checks `SerialNumber` and `TokenCode`. Accepts every device, and every code except `000000`.
    pub(crate) fn check_mfa(&self) -> Result<(), Refusal> {
        match (self.form.get("SerialNumber"), self.form.get("TokenCode")) {
            (Some(_), Some("000000")) => {
                Err(Refusal::access_denied("MultiFactorAuthentication failed with invalid MFA one time pass code."))
            }
            (Some(_), Some(_)) | (None, None) => Ok(()),
            _ => Err(Refusal::access_denied(
                "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
            )),
        }
    }

    /// The size of `Policy`, `PolicyArns` and `Tags` in percent of the maximum; `None` if all are absent.
    pub(crate) fn packed_policy_size(&self) -> Result<Option<usize>, Refusal> {
        let policy = self.form.get("Policy");
        if policy.is_some_and(|text| serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(text).is_err()) {
            return Err(Refusal::new(ErrorCode::MalformedPolicyDocument, "This policy contains invalid Json"));
        }
        let arns = self.form.list("PolicyArns", |policy| policy.field("arn").len());
        let tags = self.form.list("Tags", |tag| tag.field("Key").len() + tag.field("Value").len());
        let lengths = [policy.map(str::len), arns.map(|all| all.iter().sum()), tags.map(|all| all.iter().sum())];
        let length: usize = lengths.into_iter().flatten().sum();
        let percent = (100 * length).div_ceil(MAX_POLICY_SIZE);
        if percent > 100 {
            let text = format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.");
            return Err(Refusal::new(ErrorCode::PackedPolicyTooLarge, text));
        }
        Ok((length > 0).then_some(percent))
    }
}
