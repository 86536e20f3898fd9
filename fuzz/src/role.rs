//! A role to assume, and the form of the request.

use arbitrary::Arbitrary;
use sts_core::{AssumeRole, PolicyDescriptor, ProvidedContext, Tag};

const ARN: &str = "arn:aws:iam::123456789012:role/demo";

#[derive(Arbitrary, Debug)]
pub struct Role<'a> {
    session: &'a str,
    policies: Vec<&'a str>,
    policy: Option<&'a str>,
    duration: Option<u32>,
    /// Also the transitive tag keys and the provided contexts.
    tags: Vec<(&'a str, &'a str)>,
    code: Option<&'a str>,
}

impl<'a> Role<'a> {
    pub fn operation(&self) -> AssumeRole<'a> {
        let mut operation = AssumeRole::new(ARN, self.session)
            .policy_arns(self.policies.iter().map(|arn| PolicyDescriptor::new(*arn)))
            .tags(self.tags.iter().map(|(key, value)| Tag::new(*key, *value)))
            .transitive_tag_keys(self.tags.iter().map(|(key, _)| *key))
            .provided_contexts(self.tags.iter().map(|(arn, assertion)| ProvidedContext::new(*arn, *assertion)));
        if let Some(policy) = self.policy {
            operation = operation.policy(policy);
        }
        if let Some(duration) = self.duration {
            operation = operation.duration_seconds(duration);
        }
        if let Some(code) = self.code {
            operation = operation.serial_number(code).token_code(code);
        }
        operation
    }

    /// Names and values in the model's order, in the format of [awsQuery](https://smithy.io/2.0/aws/protocols/aws-query-protocol.html).
    pub fn fields(&self) -> Vec<(String, String)> {
        let one = |name: &str, value: Option<&str>| value.map(|value| (name.to_owned(), value.to_owned()));
        let two =
            |names: [&'static str; 2]| move |(one, other): &(&'a str, &'a str)| [(names[0], *one), (names[1], *other)];
        let mut fields = vec![];
        fields.extend(one("Action", Some("AssumeRole")));
        fields.extend(one("Version", Some("2011-06-15")));
        fields.extend(one("RoleArn", Some(ARN)));
        fields.extend(one("RoleSessionName", Some(self.session)));
        fields.extend(list("PolicyArns", self.policies.iter().map(|arn| [(".arn", *arn)])));
        fields.extend(one("Policy", self.policy));
        fields.extend(one("DurationSeconds", self.duration.map(|seconds| seconds.to_string()).as_deref()));
        fields.extend(list("Tags", self.tags.iter().map(two([".Key", ".Value"]))));
        fields.extend(list("TransitiveTagKeys", self.tags.iter().map(|(key, _)| [("", *key)])));
        fields.extend(one("SerialNumber", self.code));
        fields.extend(one("TokenCode", self.code));
        fields.extend(list("ProvidedContexts", self.tags.iter().map(two([".ProviderArn", ".ContextAssertion"]))));
        fields
    }
}

/// The members of each element, with their name suffixes.
fn list<'a, const N: usize>(
    name: &str,
    elements: impl ExactSizeIterator<Item = [(&'static str, &'a str); N]>,
) -> Vec<(String, String)> {
    if elements.len() == 0 {
        return vec![(name.to_owned(), String::new())];
    }
    let members = (1..).zip(elements).flat_map(|(number, members)| members.map(|(end, value)| (number, end, value)));
    members.map(|(number, end, value)| (format!("{name}.member.{number}{end}"), value.to_owned())).collect()
}
