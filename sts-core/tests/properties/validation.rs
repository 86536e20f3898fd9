//! The rules of texts are the API model's, by its own regular expressions.

use std::{collections::HashSet, sync::LazyLock};

use proptest::{collection::vec, prelude::*, sample::select};
use regex::Regex;
use sts_core::{validate::InvalidInput, *};

use crate::cases;

/// A text of the model: the member that is checked, and where the rule comes from.
struct Rule {
    member: &'static str,
    min: usize,
    max: usize,
    pattern: Regex,
    /// What is let through although the pattern does not allow it: marks that count as letters in Unicode, which the service refuses, and
    /// letters of a Unicode that is newer than the one of the crate `regex`, where they are not assigned.
    wider: Regex,
    send: fn(&str) -> Result<Body, InvalidInput>,
}

const ROLE: &str = "arn:aws:iam::123456789012:role/demo";

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rule = |member, min, max, pattern: &str, send| {
        let compile = |pattern: &str| Regex::new(&format!(r"\A(?:{pattern})\z")).unwrap();
        let wider = compile(&pattern.replace(r"\p{L}", r"\p{L}\p{Alphabetic}\p{Cn}"));
        Rule { member, min, max, pattern: compile(pattern), wider, send }
    };
    // The model writes for Java: there `\u0009` is this `\x09`, and `\w` and `\d` are ASCII.
    let arn = r"[\x09\x0A\x0D\x20-\x7E\x{85}\x{A0}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]+";
    let (name, policy) = (r"[A-Za-z0-9_+=,.@-]*", r"[\x09\x0A\x0D\x20-\x{FF}]+");
    let scope = r"[\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+( [\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+)*";
    vec![
        rule("roleArn", 20, 2048, arn, |text| AssumeRole::new(text, "name").to_body()),
        rule("roleSessionName", 2, 64, name, |text| AssumeRole::new(ROLE, text).to_body()),
        rule("policy", 1, usize::MAX, policy, |text| AssumeRole::new(ROLE, "name").policy(text).to_body()),
        rule("policy", 1, 2048, policy, |text| GetFederationToken::new("name").policy(text).to_body()),
        rule("externalId", 2, 1224, r"[A-Za-z0-9_+=,.@:\/-]*", |text| {
            AssumeRole::new(ROLE, "name").external_id(text).to_body()
        }),
        rule("serialNumber", 9, 256, r"[A-Za-z0-9_+=/:,.@-]*", |text| {
            GetSessionToken::new().serial_number(text).token_code("123456").to_body()
        }),
        rule("tokenCode", 6, 6, "[0-9]*", |text| {
            GetSessionToken::new().serial_number("123456789").token_code(text).to_body()
        }),
        rule("sourceIdentity", 2, 256, name, |text| AssumeRole::new(ROLE, "name").source_identity(text).to_body()),
        rule("name", 2, 32, name, |text| GetFederationToken::new(text).to_body()),
        rule("accessKeyId", 16, 128, "[A-Za-z0-9_]*", |text| GetAccessKeyInfo::new(text).to_body()),
        rule("scopedSessionDescription", 2, 256, r"[\x09\x0A\x0D\x20-\x7E\x{A1}-\x{FF}]*", |text| {
            GetScopedCredentials::new().duration_seconds(1).scoped_session_description(text).to_body()
        }),
        rule("scope", 1, 256, scope, |text| {
            GetWebIdentityToken::new(["app"], "ES384").subject_mode("OriginIdentity").scope(text).to_body()
        }),
        rule("tags.1.member.key", 1, 128, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", |text| {
            GetFederationToken::new("name").tags([Tag::new(text, "")]).to_body()
        }),
        rule("tags.1.member.value", 0, 256, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", |text| {
            GetFederationToken::new("name").tags([Tag::new("key", text)]).to_body()
        }),
    ]
});

/// Texts that are mostly legal, with lengths around the limits and a few characters of any kind.
fn texts(rule: &Rule) -> impl Strategy<Value = String> {
    let limits = [rule.min.saturating_sub(1), rule.min, rule.min + 1, rule.max.min(2500), rule.max.min(2500) + 1];
    let length = prop_oneof![2 => select(limits.to_vec()), 1 => 0..80_usize];
    let edges = "\0\u{8}\t\n\u{b}\r\u{1f} !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~\u{7f}\u{80}\u{84}\u{85}\u{86}\u{9f}\u{a0}\u{ff}\
        \u{100}\u{2ff}\u{300}\u{345}\u{660}\u{1680}\u{2028}\u{202e}\u{2160}\u{24b6}\u{3000}\u{3007}\u{d7ff}\u{e000}\u{fffd}\u{fffe}\
        \u{ffff}\u{10000}\u{1f600}\u{10ffff}";
    let odd = prop_oneof![3 => select(edges.chars().collect::<Vec<_>>()), 1 => any::<char>()];
    let filler = select("0123456789".chars().collect::<Vec<_>>());
    (length, filler, vec((any::<prop::sample::Index>(), odd), 0..3)).prop_map(|(length, filler, odd)| {
        let mut text = vec![filler; length];
        for (place, odd) in odd {
            if !text.is_empty() {
                let place = place.index(text.len());
                text[place] = odd;
            }
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn texts_are_judged_as_the_model_does(
        (index, text) in (0..RULES.len()).prop_flat_map(|index| (Just(index), texts(&RULES[index]))),
    ) {
        let Rule { member, min, max, pattern, wider, send } = &RULES[index];
        let refused = match send(&text) {
            Ok(_) => false,
            Err(error) => {
                prop_assert!(error.violations().iter().all(|violation| violation.member == *member), "{}", error);
                true
            }
        };
        // What the pattern of a scope cannot say.
        let mut seen = HashSet::new();
        let is_repetitive = *member == "scope" && !text.split(' ').all(|value| seen.insert(value));
        let fits = (*min..=*max).contains(&text.chars().count());
        if refused {
            prop_assert!(!(fits && pattern.is_match(&text)) || is_repetitive, "{} refuses {:?}", member, text);
        } else {
            prop_assert!(fits && wider.is_match(&text) && !is_repetitive, "{} takes {:?}", member, text);
        }
    }
}
