//! The structures in lists, for the command line and JSON.

use serde::Deserialize;
use sts_blocking::PolicyDescriptor;

use crate::member::{Item, Text};

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyArn {
    arn: Option<Text>,
}

impl Item for PolicyArn {}

impl From<PolicyArn> for PolicyDescriptor<'static> {
    fn from(policy: PolicyArn) -> Self {
        policy.arn.map(Self::new).unwrap_or_default()
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: Text,
    value: Text,
}

impl Item for Tag {}

impl From<Tag> for sts_blocking::Tag<'static> {
    fn from(tag: Tag) -> Self {
        Self::new(tag.key, tag.value)
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct ProvidedContext {
    provider_arn: Option<Text>,
    context_assertion: Option<Text>,
}

impl Item for ProvidedContext {}

impl From<ProvidedContext> for sts_blocking::ProvidedContext<'static> {
    fn from(context: ProvidedContext) -> Self {
        // Both members are optional, as in the API model.
        let given = Self::default();
        let given = match context.provider_arn {
            Some(arn) => given.provider_arn(arn),
            None => given,
        };
        match context.context_assertion {
            Some(assertion) => given.context_assertion(assertion),
            None => given,
        }
    }
}
