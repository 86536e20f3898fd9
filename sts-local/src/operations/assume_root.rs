use sts_core::{AssumeRoot, PolicyDescriptor};

use crate::{
    account::{Caller, Kind},
    answer::{Refusal, Xml},
    call::Call,
};

pub(super) fn answer(call: &Call<'_>, caller: &Caller) -> Result<Xml, Refusal> {
    let form = call.form;
    let (target, policy) = (form.required("TargetPrincipal"), form.required("TaskPolicyArn.arn"));
    form.rebuild(AssumeRoot::new(target, PolicyDescriptor::new(policy)))
        .set(form.number("DurationSeconds")?, AssumeRoot::duration_seconds)
        .set(form.number("MinimumSessionTokenSize")?, AssumeRoot::minimum_session_token_size)
        .check(&["TargetPrincipal", "TaskPolicyArn"])?;
    // Every account counts as a member of the organization.
    let account = target.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root")).unwrap_or(target);
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::invalid(format!("{target} is invalid")));
    }
    if !policy.starts_with("arn:aws:iam::aws:policy/root-task/") {
        return Err(Refusal::invalid(format!("{policy} is not a task policy")));
    }

    let mut session = Caller::new(Kind::Root, account, format!("arn:aws:iam::{account}:root"));
    session.source_identity.clone_from(&caller.source_identity);
    let mut xml = Xml::default();
    call.issue(&mut xml, session, form.number("DurationSeconds")?.unwrap_or(900))?;
    xml.optional("SourceIdentity", caller.source_identity.as_deref());
    Ok(xml)
}
