//! Issuing credentials: what the operations that do have in common.

use std::collections::HashSet;

use sts_core::{Credentials, ErrorCode, Secret, identity::Arn};
use time::{SignedDuration, UtcDateTime, format_description::well_known::Rfc3339};

use crate::{
    account::{Caller, Role},
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
    token_size: u32,
}

impl Session {
    pub(crate) fn credentials(&self, mint: &Mint, access_key_id: &str) -> Credentials {
        let mut credentials = Credentials::new(access_key_id, mint.secret_access_key(access_key_id))
            .session_token(mint.session_token(access_key_id, self.token_size));
        credentials.expiration = self.caller.expiration;
        credentials
    }
}

impl Call<'_> {
    /// Issues credentials that live for so many seconds; writes `Credentials` and the two sizes.
    pub(crate) fn issue(&self, xml: &mut Xml, caller: Caller, seconds: u32) -> Result<(), Refusal> {
        let token_size = self.issue_credentials(xml, caller, seconds)?;
        xml.text("SessionTokenUtilization", (100 * token_size).div_ceil(LARGEST_TOKEN));
        xml.text("SessionTokenSize", token_size);
        Ok(())
    }

    /// The same without the sizes; returns the token's.
    pub(crate) fn issue_credentials(&self, xml: &mut Xml, caller: Caller, seconds: u32) -> Result<u32, Refusal> {
        let mint = &self.sts.mint;
        let access_key_id = mint.access_key_id(caller.account(), self.sts.draw());
        let token_size = Mint::token_size(self.form.number("MinimumSessionTokenSize")?);
        let expiration = self.whole_now().saturating_add(SignedDuration::seconds(seconds.into()));
        let session = Session { caller: Caller { expiration: Some(expiration), ..caller }, token_size };
        let credentials = session.credentials(mint, &access_key_id);
        xml.group("Credentials", |xml| {
            xml.text("AccessKeyId", &access_key_id);
            xml.text("SecretAccessKey", credentials.secret_access_key.expose());
            xml.optional("SessionToken", credentials.session_token.as_ref().map(Secret::expose));
            xml.text("Expiration", expiration.format(&Rfc3339).unwrap_or_default());
        });
        self.sts.state().sessions.insert(access_key_id, session);
        Ok(token_size)
    }

    /// Now, in whole seconds, as everything that ends does.
    pub(crate) fn whole_now(&self) -> UtcDateTime {
        self.now.replace_nanosecond(0).unwrap_or(self.now)
    }

    /// The role of an ARN, if there is one.
    pub(crate) fn role(&self, arn: &str) -> Result<Option<&Role>, Refusal> {
        match Arn::parse(arn) {
            Some(Arn { service: "iam", resource, .. }) if resource.starts_with("role/") => {
                Ok(self.sts.roles.iter().find(|role| role.arn(&self.sts.account) == arn))
            }
            Some(_) => Err(Refusal::invalid("Request ARN is invalid")),
            None => Err(Refusal::invalid(format!("{arn} is invalid"))),
        }
    }

    /// Issues credentials for a role; writes the members that all ways to assume one have in common.
    pub(crate) fn assume(&self, role: &Role, name: &str, source_identity: Option<&str>) -> Result<Xml, Refusal> {
        let seconds = self.form.number("DurationSeconds")?.unwrap_or(3600);
        if seconds > role.longest() {
            return Err(Refusal::invalid(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        let packed = self.packed_policy_size()?;
        let mut session = role.session(self.sts, name);
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

    /// The keys of `Tags` differ in more than case, and `TransitiveTagKeys` are among them.
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
    pub(crate) fn packed_policy_size(&self) -> Result<Option<usize>, Refusal> {
        let policy = self.form.get("Policy");
        if policy.is_some_and(|text| serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(text).is_err()) {
            return Err(Refusal::new(ErrorCode::MalformedPolicyDocument, "This policy contains invalid Json"));
        }
        let arns = self.form.list("PolicyArns", |policy| policy.field("arn").len());
        let tags = self.form.list("Tags", |tag| tag.field("Key").len() + tag.field("Value").len());
        let lengths = [policy.map(str::len), arns.map(|all| all.iter().sum()), tags.map(|all| all.iter().sum())];
        let length: usize = lengths.into_iter().flatten().sum();
        let percent = (100 * length).div_ceil(LARGEST_POLICY);
        if percent > 100 {
            let text = format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.");
            return Err(Refusal::new(ErrorCode::PackedPolicyTooLarge, text));
        }
        Ok((length > 0).then_some(percent))
    }
}
