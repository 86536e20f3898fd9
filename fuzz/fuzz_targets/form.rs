//! What an operation's form says is what another decoder reads in it; with and without validation it is the same.
#![no_main]

use form_urlencoded::parse;
use libfuzzer_sys::fuzz_target;
use sts_core::{AssumeRole, Operation, PolicyDescriptor, ProvidedContext, Tag};

type Input<'a> = (&'a str, Option<&'a str>, Option<u32>, Vec<&'a str>, Vec<(&'a str, &'a str)>, Option<&'a str>);

fuzz_target!(|input: Input| {
    let (name, policy, duration, policies, tags, code) = &input;
    let mut operation = AssumeRole::new("arn:aws:iam::123456789012:role/demo", *name)
        .policy_arns(policies.iter().map(|arn| PolicyDescriptor::new(*arn)))
        .tags(tags.iter().map(|(key, value)| Tag::new(*key, *value)))
        .transitive_tag_keys(tags.iter().map(|(key, _)| *key))
        .provided_contexts(tags.iter().map(|(arn, assertion)| ProvidedContext::new(*arn, *assertion)));
    let mut expected = vec![
        ("Action".to_owned(), "AssumeRole".to_owned()),
        ("Version".to_owned(), "2011-06-15".to_owned()),
        ("RoleArn".to_owned(), "arn:aws:iam::123456789012:role/demo".to_owned()),
        ("RoleSessionName".to_owned(), name.to_string()),
    ];
    let mut expect = |name: String, value: &str| expected.push((name, value.to_owned()));
    list(&mut expect, "PolicyArns", policies.iter().map(|arn| vec![(".arn", *arn)]));
    if let Some(policy) = policy {
        operation = operation.policy(*policy);
        expect("Policy".into(), policy);
    }
    if let Some(duration) = duration {
        operation = operation.duration_seconds(*duration);
        expect("DurationSeconds".into(), &duration.to_string());
    }
    list(&mut expect, "Tags", tags.iter().map(|(key, value)| vec![(".Key", *key), (".Value", *value)]));
    list(&mut expect, "TransitiveTagKeys", tags.iter().map(|(key, _)| vec![("", *key)]));
    if let Some(code) = code {
        operation = operation.serial_number(*code).token_code(*code);
        expect("SerialNumber".into(), code);
        expect("TokenCode".into(), code);
    }
    let context = |(arn, assertion)| vec![(".ProviderArn", arn), (".ContextAssertion", assertion)];
    list(&mut expect, "ProvidedContexts", tags.iter().copied().map(context));

    let body = operation.to_body_unchecked();
    // The other decoder takes it for a blank, others do not.
    assert!(!body.expose().contains(&b'+'));
    let found: Vec<_> = parse(body.expose()).into_owned().collect();
    assert_eq!(found, expected);
    match operation.to_body() {
        Ok(checked) => assert_eq!(checked.expose(), body.expose()),
        Err(error) => assert!(error.violations().len() > 0 && !error.to_string().is_empty()),
    }
});

/// The fields of a list, each element's members with what their names end with.
fn list<'a>(
    expect: &mut impl FnMut(String, &str),
    name: &str,
    elements: impl ExactSizeIterator<Item = Vec<(&'static str, &'a str)>>,
) {
    if elements.len() == 0 {
        expect(name.into(), "");
    }
    for (index, members) in elements.enumerate() {
        for (member, value) in members {
            expect(format!("{name}.member.{}{member}", index + 1), value);
        }
    }
}
