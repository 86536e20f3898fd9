use std::collections::HashSet;

use sts_core::{AssumeRole, PolicyDescriptor, ProvidedContext, Tag};

use super::Call;
use crate::{
    account::{Caller, Role},
    answer::{Refusal, Xml},
    form::{Form, set},
};

pub(super) fn answer(call: &Call<'_>, caller: &Caller) -> Result<Xml, Refusal> {
    let form = call.form;
    call.check_mfa()?;
    form.check(&read(form)?, &["RoleArn", "RoleSessionName"])?;
    check_tags(form)?;

    let denied = |action| {
        let (user, resource) = (&caller.arn, form.required("RoleArn"));
        Refusal::access_denied(format!("User: {user} is not authorized to perform: {action} on resource: {resource}"))
    };
    let root = format!("arn:aws:iam::{}:root", call.sts.account);
    let principals = [&caller.principal, &caller.arn, &*root];
    let is_admitted = |role: &&Role| role.admits(&principals, form.get("ExternalId"));
    let role = call.role()?.filter(is_admitted).ok_or_else(|| denied("sts:AssumeRole"))?;

    // Once set, a source identity stays for the whole chain.
    let (held, wanted) = (caller.source_identity.as_deref(), form.get("SourceIdentity"));
    if held.is_some() && wanted.is_some() && held != wanted {
        return Err(denied("sts:SetSourceIdentity"));
    }
    call.assume(role, Some(caller), held.or(wanted))
}

fn read(form: &Form) -> Result<AssumeRole<'_>, Refusal> {
    let policy_arns = form.list("PolicyArns", |policy| PolicyDescriptor::new(policy.field("arn")));
    let tags = form.list("Tags", |tag| Tag::new(tag.field("Key"), tag.field("Value")));
    let contexts = form.list("ProvidedContexts", |context| {
        ProvidedContext::new(context.field("ProviderArn"), context.field("ContextAssertion"))
    });
    let operation = AssumeRole::new(form.required("RoleArn"), form.required("RoleSessionName"));
    let operation = set(operation, policy_arns, AssumeRole::policy_arns);
    let operation = set(operation, form.get("Policy"), AssumeRole::policy);
    let operation = set(operation, form.number("DurationSeconds")?, AssumeRole::duration_seconds);
    let operation = set(operation, tags, AssumeRole::tags);
    let keys = form.list("TransitiveTagKeys", |key| key.text());
    let operation = set(operation, keys, AssumeRole::transitive_tag_keys);
    let operation = set(operation, form.get("ExternalId"), AssumeRole::external_id);
    let operation = set(operation, form.get("SerialNumber"), AssumeRole::serial_number);
    let operation = set(operation, form.get("TokenCode"), AssumeRole::token_code);
    let operation = set(operation, form.get("SourceIdentity"), AssumeRole::source_identity);
    let operation = set(operation, contexts, AssumeRole::provided_contexts);
    let token_size = form.number("MinimumSessionTokenSize")?;
    Ok(set(operation, token_size, AssumeRole::minimum_session_token_size))
}

/// Keys differ in more than case, and the transitive ones are among them.
fn check_tags(form: &Form) -> Result<(), Refusal> {
    let refuse = |text| Err(Refusal::bad_request("InvalidParameterValue", text));
    let mut keys = HashSet::new();
    let tags = form.list("Tags", |tag| tag.field("Key").to_lowercase()).unwrap_or_default();
    if !tags.into_iter().all(|key| keys.insert(key)) {
        return refuse("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
    let transitive = form.list("TransitiveTagKeys", |key| key.text().to_lowercase()).unwrap_or_default();
    if !transitive.iter().all(|key| keys.contains(key)) {
        return refuse("The specified transitive tag key must be included in the requested tags.");
    }
    Ok(())
}
