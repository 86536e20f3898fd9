//! Issuing credentials: what the operations that do have in common.

use sts_core::{Credentials, Secret};
use time::{SignedDuration, UtcDateTime, format_description::well_known::Rfc3339};

use crate::{
    account::{Caller, Kind, Role},
    answer::{Refusal, Xml},
    mint::Mint,
    operations::Call,
};

/// The longest session token, in characters, that [`MinimumSessionTokenSize`] can ask for.
///
/// [`MinimumSessionTokenSize`]: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const LARGEST_TOKEN: u32 = 4096;
/// How many bytes of session policies and tags fit. The service packs them into 2048 bytes in a format of its own,
/// which takes about half of what the plain text does.
const LARGEST_POLICY: usize = 4096;

/// Credentials that were issued. The secret and the token are derived from the access key id again when needed.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) caller: Caller,
    expiration: UtcDateTime,
    token_size: u32,
}

impl Session {
    pub(crate) fn credentials(&self, mint: &Mint, access_key_id: &str) -> Credentials {
        Credentials::new(access_key_id, mint.secret_access_key(access_key_id))
            .session_token(mint.session_token(access_key_id, self.token_size))
            .expiration(self.expiration)
    }
}

impl Call<'_> {
    /// Issues credentials that live for so many seconds; writes `Credentials` and the two sizes.
    pub(crate) fn issue(&self, xml: &mut Xml, caller: Caller, seconds: u32) -> Result<(), Refusal> {
        let mint = &self.sts.mint;
        let access_key_id = mint.access_key_id(&self.sts.account, self.sts.draw());
        let token_size = Mint::token_size(self.form.number("MinimumSessionTokenSize")?);
        let whole_now = self.now.replace_nanosecond(0).unwrap_or(self.now);
        let expiration = whole_now.saturating_add(SignedDuration::seconds(seconds.into()));
        let session = Session { caller, expiration, token_size };
        let credentials = session.credentials(mint, &access_key_id);
        xml.group("Credentials", |xml| {
            xml.text("AccessKeyId", &access_key_id);
            xml.text("SecretAccessKey", credentials.secret_access_key.expose());
            xml.optional("SessionToken", credentials.session_token.as_ref().map(Secret::expose));
            xml.text("Expiration", expiration.format(&Rfc3339).unwrap_or_default());
        });
        xml.text("SessionTokenUtilization", (100 * token_size).div_ceil(LARGEST_TOKEN));
        xml.text("SessionTokenSize", token_size);
        self.sts.state().sessions.insert(access_key_id, session);
        Ok(())
    }

    /// The role of `RoleArn`, if there is one.
    pub(crate) fn role(&self) -> Result<Option<&Role>, Refusal> {
        let arn = self.form.required("RoleArn");
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        match parts[..] {
            ["arn", _, "iam", _, _, resource] if resource.starts_with("role/") => {}
            ["arn", ..] if parts.len() == 6 => {
                return Err(Refusal::bad_request("ValidationError", "Request ARN is invalid"));
            }
            _ => return Err(Refusal::bad_request("ValidationError", format!("{arn} is invalid"))),
        }
        Ok(self.sts.roles.iter().find(|role| role.arn(&self.sts.account) == arn))
    }

    /// Issues credentials for a role; writes the members that all ways to assume one have in common.
    pub(crate) fn assume(
        &self,
        role: &Role,
        by: Option<&Caller>,
        source_identity: Option<&str>,
    ) -> Result<Xml, Refusal> {
        let refuse = |text| Err(Refusal::bad_request("ValidationError", text));
        let seconds = self.form.number("DurationSeconds")?.unwrap_or(3600);
        if seconds > 3600 && by.is_some_and(|caller| caller.kind == Kind::Role) {
            return refuse(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
            );
        }
        if seconds > role.longest() {
            return refuse("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        }
        let packed = self.packed_policy_size()?;
        let mut session = role.session(self.sts, self.form.required("RoleSessionName"));
        session.source_identity = source_identity.map(Into::into);
        let mut xml = Xml::result();
        xml.group("AssumedRoleUser", |xml| {
            xml.text("AssumedRoleId", &session.user_id);
            xml.text("Arn", &session.arn);
        });
        self.issue(&mut xml, session, seconds)?;
        xml.optional("PackedPolicySize", packed);
        xml.optional("SourceIdentity", source_identity);
        Ok(xml)
    }

    /// `SerialNumber` and `TokenCode`: every device and code are taken but one.
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

    /// `Policy`, `PolicyArns` and `Tags` in percent of what fits.
    fn packed_policy_size(&self) -> Result<Option<usize>, Refusal> {
        let policy = self.form.get("Policy");
        if policy.is_some_and(|text| serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(text).is_err()) {
            return Err(Refusal::bad_request("MalformedPolicyDocument", "This policy contains invalid Json"));
        }
        let arns = self.form.list("PolicyArns", |policy| policy.field("arn").len());
        let tags = self.form.list("Tags", |tag| tag.field("Key").len() + tag.field("Value").len());
        let lengths = [policy.map(str::len), arns.map(|all| all.iter().sum()), tags.map(|all| all.iter().sum())];
        let length: usize = lengths.into_iter().flatten().sum();
        let percent = (100 * length).div_ceil(LARGEST_POLICY);
        if percent > 100 {
            let text = format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.");
            return Err(Refusal::bad_request("PackedPolicyTooLarge", text));
        }
        Ok((length > 0).then_some(percent))
    }
}
