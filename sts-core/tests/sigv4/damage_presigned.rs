//! Presigned requests that something happens to on their way.

use std::time::Duration;

use http::{Method, Request};
use proptest::{prelude::*, sample::select, test_runner::TestCaseError};
use sts_core::Credentials;
use time::UtcDateTime;

use crate::{
    edit, know,
    presign::{PARAMETERS, drop_field, edit_query},
    sample::{Sample, flip, runner, samples},
    sts,
};

/// What may happen to a presigned request on its way, each of them for every parameter or part.
#[derive(Clone, Copy, Debug)]
enum QueryDamage {
    Changed(usize),
    Dropped(usize),
    Doubled(usize),
    Added,
    Renamed(usize),
    Method,
    Path,
    Host,
    Body,
    Extra,
    Late,
    Early,
    Secret,
    Foreign,
}

fn query_damages() -> impl Strategy<Value = (QueryDamage, prop::sample::Index)> {
    use QueryDamage::{
        Added, Body, Changed, Doubled, Dropped, Early, Extra, Foreign, Host, Late, Method, Path, Renamed, Secret,
    };
    let mut kinds = vec![Added, Method, Path, Host, Body, Extra, Late, Early, Secret, Foreign];
    for parameter in 0..PARAMETERS.len() {
        kinds.extend([Changed(parameter), Dropped(parameter), Doubled(parameter), Renamed(parameter)]);
    }
    (select(kinds), any::<prop::sample::Index>())
}

/// The damaged request, what the server knows, and the server's time.
fn damage_query(
    sample: &Sample,
    (kind, at): (QueryDamage, prop::sample::Index),
) -> (Request<String>, Credentials, UtcDateTime) {
    let (mut request, mut known, mut now) = (sample.presigned(), sample.credentials(), sample.now());
    // The token is the parameter that may be missing.
    let present = |parameter: usize| match PARAMETERS[parameter] {
        "X-Amz-Security-Token" if sample.token.is_none() => "X-Amz-Credential",
        name => name,
    };
    match kind {
        QueryDamage::Changed(parameter) => edit_query(&mut request, |key, value| {
            let value = if key == present(parameter) { flip(value, at) } else { value.to_owned() };
            Some(format!("{key}={value}"))
        }),
        QueryDamage::Dropped(parameter) => drop_field(&mut request, present(parameter)),
        QueryDamage::Doubled(parameter) => edit_query(&mut request, |key, value| {
            let twice = if key == present(parameter) { format!("{key}={}&", flip(value, at)) } else { String::new() };
            Some(format!("{twice}{key}={value}"))
        }),
        QueryDamage::Renamed(parameter) => edit_query(&mut request, |key, value| {
            let key = if key == present(parameter) { key.to_lowercase() } else { key.to_owned() };
            Some(format!("{key}={value}"))
        }),
        QueryDamage::Added => *request.uri_mut() = format!("{}&z=7", request.uri()).parse().unwrap(),
        QueryDamage::Method => *request.method_mut() = Method::POST,
        QueryDamage::Path => {
            *request.uri_mut() = request.uri().to_string().replacen('?', "7?", 1).parse().unwrap();
        }
        QueryDamage::Host => edit(&mut request, "host", |value| flip(value, at)),
        QueryDamage::Body => *request.body_mut() = flip(request.body(), at),
        QueryDamage::Extra if sample.extra.is_some() => {
            edit(&mut request, "x-amz-extra", |value| format!("{value}7"));
        }
        QueryDamage::Extra => {
            request.headers_mut().remove("host");
            *request.uri_mut() = request.uri().path_and_query().unwrap().as_str().parse().unwrap();
        }
        QueryDamage::Late => now += Duration::from_secs(901),
        QueryDamage::Early => now -= Duration::from_secs(901),
        QueryDamage::Secret => known.secret_access_key = flip(&sample.secret, at).into(),
        QueryDamage::Foreign => known.session_token = Some("foreign".into()),
    }
    (request, known, now)
}

#[test]
fn every_presigned_request_is_accepted() {
    let accept = |sample: Sample| {
        let (request, known, now) = (sample.presigned(), sample.credentials(), sample.now());
        let verified = sts().verify(&request, now, know(&known));
        prop_assert!(verified.is_ok(), "{verified:?}");
        Ok(())
    };
    runner(1000).run(&samples(), accept).unwrap();
}

#[test]
fn every_damaged_presigned_request_is_refused() {
    let refuse = |(sample, kind)| -> Result<(), TestCaseError> {
        let (request, known, now) = damage_query(&sample, kind);
        prop_assert!(sts().verify(&request, now, know(&known)).is_err());
        Ok(())
    };
    runner(1000).run(&(samples(), query_damages()), refuse).unwrap();
}
