use sts_core::{ErrorCode, GetScopedCredentials};
use time::SignedDuration;

use crate::{
    account::Caller,
    answer::{Refusal, Xml},
    call::Call,
};

/// The maximum number of policies that limit one session.
const MAX_POLICIES: u32 = 3;

pub(super) fn answer(call: &Call<'_>, caller: &Caller) -> Result<Xml, Refusal> {
    let form = call.form;
    let (policy, seconds) = (form.get("Policy"), form.number("DurationSeconds")?);
    form.rebuild(GetScopedCredentials::new())
        .set(policy, GetScopedCredentials::policy)
        .set(seconds, GetScopedCredentials::duration_seconds)
        .set(form.number("MinimumSessionTokenSize")?, GetScopedCredentials::minimum_session_token_size)
        .set(form.get("ScopedSessionDescription"), GetScopedCredentials::scoped_session_description)
        .check(&[])?;
    let end = caller.expiration.ok_or_else(|| {
        let text = "GetScopedCredentials can only be called with temporary security credentials";
        Refusal::new(ErrorCode::InvalidSubjectCredentials, text)
    })?;
    let rest = end - call.whole_now();
    if seconds.is_some_and(|seconds| SignedDuration::seconds(seconds.into()) > rest) {
        let text = "The requested DurationSeconds exceeds the remaining lifetime of the calling session";
        return Err(Refusal::new(ErrorCode::InsufficientSessionLifetime, text));
    }
    call.packed_policy_size()?;
    let scoped_policies = caller.scoped_policies + u32::from(policy.is_some());
    if scoped_policies > MAX_POLICIES {
        return Err(Refusal::denied(caller, "GetScopedCredentials", None));
    }

    let seconds = seconds.or_else(|| rest.whole_seconds().try_into().ok()).unwrap_or_default();
    let mut xml = Xml::default();
    call.issue(&mut xml, Caller { scoped_policies, ..caller.clone() }, seconds)?;
    xml.group("SessionInfo", |xml| {
        xml.text("ScopedSessionId", &caller.user_id);
        xml.text("Arn", &caller.arn);
    });
    xml.text("ScopedPoliciesCount", scoped_policies);
    xml.optional("SourceIdentity", caller.source_identity.as_deref());
    Ok(xml)
}
