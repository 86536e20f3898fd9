use sts_core::{AssumeRole, ProvidedContext};

use crate::{
    account::{Caller, Kind, Role},
    answer::{Refusal, Xml},
    call::Call,
    form::Element,
};

pub(super) fn answer(call: &Call<'_>, caller: &Caller) -> Result<Xml, Refusal> {
    let form = call.form;
    let (arn, name) = (form.required("RoleArn"), form.required("RoleSessionName"));
    call.check_mfa()?;
    // Before the other constraints, since it has its own error code.
    call.check_tags()?;
    form.rebuild(AssumeRole::new(arn, name))
        .set(form.list("PolicyArns", Element::policy), AssumeRole::policy_arns)
        .set(form.get("Policy"), AssumeRole::policy)
        .set(form.number("DurationSeconds")?, AssumeRole::duration_seconds)
        .set(form.list("Tags", Element::tag), AssumeRole::tags)
        .set(form.list("TransitiveTagKeys", Element::text), AssumeRole::transitive_tag_keys)
        .set(form.get("ExternalId"), AssumeRole::external_id)
        .set(form.get("SerialNumber"), AssumeRole::serial_number)
        .set(form.get("TokenCode"), AssumeRole::token_code)
        .set(form.get("SourceIdentity"), AssumeRole::source_identity)
        .set(form.list("ProvidedContexts", context), AssumeRole::provided_contexts)
        .set(form.number("MinimumSessionTokenSize")?, AssumeRole::minimum_session_token_size)
        .check(&["RoleArn", "RoleSessionName"])?;

    let root = format!("arn:aws:iam::{}:root", call.account.id);
    let principals = [&caller.principal, &caller.arn, &*root];
    let is_admitted = |role: &&Role| role.admits(&principals, form.get("ExternalId"));
    let denied = |action| Refusal::denied(caller, action, Some(arn));
    let role = call.role(arn)?.filter(is_admitted).ok_or_else(|| denied("AssumeRole"))?;

    // A source identity stays the same in a chain of roles.
    let (held, wanted) = (caller.source_identity.as_deref(), form.get("SourceIdentity"));
    if held.is_some() && wanted.is_some() && held != wanted {
        return Err(denied("SetSourceIdentity"));
    }
    if caller.kind == Kind::Role && form.number("DurationSeconds")?.is_some_and(|seconds| seconds > 3600) {
        return Err(Refusal::invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    call.assume(role, name, held.or(wanted))
}

fn context<'f>(element: &Element<'f>) -> ProvidedContext<'f> {
    ProvidedContext::new(element.field("ProviderArn"), element.field("ContextAssertion"))
}
