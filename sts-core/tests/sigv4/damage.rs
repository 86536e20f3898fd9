//! Signed requests that something happens to on their way.

use std::time::Duration;

use http::{HeaderValue, Method, Request, Uri};
use proptest::{prelude::*, sample::select, test_runner::TestCaseError};
use sts_core::Credentials;
use time::UtcDateTime;

use crate::{
    edit, know,
    peer::validate,
    sample::{Sample, flip, runner, samples},
    sts,
};

/// What may happen to a request on its way; `at` chooses the byte.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Body,
    Method,
    Path,
    Query,
    Host,
    Date,
    ContentType,
    Extra,
    Added,
    Token,
    Signature,
    Scope,
    SignedHeaders,
    NoAuthorization,
    Late,
    Secret,
}

fn damages() -> impl Strategy<Value = (Damage, prop::sample::Index)> {
    use Damage::{
        Added, Body, ContentType, Date, Extra, Host, Late, Method, NoAuthorization, Path, Query, Scope, Secret,
        Signature, SignedHeaders, Token,
    };
    let kinds = [
        Body,
        Method,
        Path,
        Query,
        Host,
        Date,
        ContentType,
        Extra,
        Added,
        Token,
        Signature,
        Scope,
        SignedHeaders,
        NoAuthorization,
        Late,
        Secret,
    ];
    (select(kinds.to_vec()), any::<prop::sample::Index>())
}

/// The damaged request, what the server knows, and the server's time.
fn damage(sample: &Sample, (kind, at): (Damage, prop::sample::Index)) -> (Request<String>, Credentials, UtcDateTime) {
    let (mut request, mut known, mut now) = (sample.request(), sample.credentials(), sample.now());
    let in_authorization = |request: &mut Request<String>, start: &str, end: &str| {
        edit(request, "authorization", |value| {
            let (before, rest) = value.split_once(start).unwrap();
            let (target, after) = rest.split_at(rest.find(end).filter(|_| !end.is_empty()).unwrap_or(rest.len()));
            format!("{before}{start}{}{after}", flip(target, at))
        });
    };
    match kind {
        Damage::Body => *request.body_mut() = flip(request.body(), at),
        Damage::Method => *request.method_mut() = Method::PUT,
        Damage::Path | Damage::Query => {
            let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
            let target = match kind {
                Damage::Path => format!("{path}7?{query}"),
                _ => format!("{path}?{query}&z=7"),
            };
            *request.uri_mut() = Uri::try_from(format!("https://{}{target}", sample.host)).unwrap();
        }
        Damage::Host => edit(&mut request, "host", |value| flip(value, at)),
        Damage::Date => edit(&mut request, "x-amz-date", |value| flip(value, at)),
        Damage::ContentType => edit(&mut request, "content-type", |value| flip(value, at)),
        Damage::Extra if sample.extra.is_some() => edit(&mut request, "x-amz-extra", |value| format!("{value}7")),
        Damage::Extra => drop(request.headers_mut().remove("content-type")),
        Damage::Added => drop(request.headers_mut().insert("x-amz-added", HeaderValue::from_static("1"))),
        Damage::Token if sample.token.is_some() => edit(&mut request, "x-amz-security-token", |value| flip(value, at)),
        Damage::Token => {
            request.headers_mut().insert("x-amz-security-token", HeaderValue::from_static("foreign"));
        }
        Damage::Signature => in_authorization(&mut request, "Signature=", ""),
        Damage::Scope => in_authorization(&mut request, "Credential=", ","),
        Damage::SignedHeaders => in_authorization(&mut request, "SignedHeaders=", ","),
        Damage::NoAuthorization => drop(request.headers_mut().remove("authorization")),
        Damage::Late => now += Duration::from_secs(901),
        Damage::Secret => known.secret_access_key = flip(&sample.secret, at).into(),
    }
    (request, known, now)
}

#[test]
fn an_independent_verifier_accepts_what_ours_accepts() {
    let accept = |sample: Sample| {
        let (request, known, now) = (sample.request(), sample.credentials(), sample.now());
        let ours = sts().verify(&request, now, know(&known));
        let theirs = validate(&request, sample.region, now, &known);
        prop_assert!(ours.is_ok(), "ours: {ours:?}");
        prop_assert!(theirs.is_ok(), "theirs: {theirs:?}");
        Ok(())
    };
    runner(1000).run(&samples(), accept).unwrap();
}

#[test]
fn an_independent_verifier_refuses_what_ours_refuses() {
    let refuse = |(sample, kind)| -> Result<(), TestCaseError> {
        let (request, known, now) = damage(&sample, kind);
        let ours = sts().verify(&request, now, know(&known));
        let theirs = validate(&request, sample.region, now, &known);
        prop_assert!(ours.is_err(), "ours accepts");
        prop_assert!(theirs.is_err(), "theirs accepts");
        Ok(())
    };
    runner(1000).run(&(samples(), damages()), refuse).unwrap();
}
