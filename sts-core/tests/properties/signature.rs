//! A signature is the same however a request's headers and parameters are ordered, is another as soon as a signed part is, and is
//! refused with any bit of the request changed.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, Request, Uri};
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::{Index, select},
};
use sts_core::{
    Credentials,
    sigv4::{Signer, Verifier},
};
use time::{UtcDateTime, macros::utc_datetime};

use crate::cases;

const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00:00);

/// All that a signature depends on.
#[derive(Clone, Debug)]
struct Signed {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: String,
    secret: String,
    token: Option<String>,
    region: String,
    service: String,
    time: UtcDateTime,
}

impl Signed {
    fn credentials(&self) -> Credentials {
        let credentials = Credentials::new("AKIDEXAMPLE", &*self.secret);
        match &self.token {
            Some(token) => credentials.session_token(&**token),
            None => credentials,
        }
    }

    fn unsigned_request(&self) -> Request<String> {
        let query: Vec<_> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let url = format!("https://sts.us-east-1.amazonaws.com{}?{}", self.path, query.join("&"));
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = url.parse().unwrap();
        for (name, value) in &self.headers {
            request.headers_mut().append(HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        }
        request
    }

    fn request(&self) -> Request<String> {
        let (mut request, credentials) = (self.unsigned_request(), self.credentials());
        let signer = Signer::new(&credentials, &self.region, &self.service);
        signer.sign(&mut request, self.body.as_bytes(), self.time).unwrap();
        request
    }

    fn presigned(&self) -> Request<String> {
        let (mut request, credentials) = (self.unsigned_request(), self.credentials());
        let signer = Signer::new(&credentials, &self.region, &self.service);
        let url = signer.presign(&request, self.body.as_bytes(), Duration::from_secs(60), self.time).unwrap();
        *request.uri_mut() = url;
        request.headers_mut().insert("host", HeaderValue::from_static("sts.us-east-1.amazonaws.com"));
        request
    }

    /// The hexadecimal digits, of the header and of the URL.
    fn signatures(&self) -> [String; 2] {
        let (request, presigned) = (self.request(), self.presigned());
        let header = request.headers()["authorization"].to_str().unwrap();
        [header, presigned.uri().query().unwrap()].map(|text| text[text.len() - 64..].to_owned())
    }
}

fn signed() -> impl Strategy<Value = Signed> {
    let path = vec("[A-Za-z0-9._~:@!$'()*,;=-]{1,8}|%[2-7][0-9A-F]", 0..4)
        .prop_map(|segments| format!("/{}", segments.join("/")));
    let parameters = btree_map("[A-Za-z0-9.~-]{1,8}", "([A-Za-z0-9._~:@!$'()*,;/?-]|%[2-7][0-9A-F]){0,12}", 0..5);
    let headers = btree_map("x-[a-z0-9-]{1,8}", "[!-~]([ -~]{0,12}[!-~])?", 0..5);
    let rest = ("[A-Za-z0-9/+]{20,40}", option::of("[A-Za-z0-9/+=]{16,64}"), "[a-z]{2}-[a-z]{4}-[1-9]", 0_i64..1 << 32);
    let method = select(vec![Method::GET, Method::POST, Method::PUT]);
    (method, path, parameters, headers, "[ -~]{0,64}", rest).prop_map(|(method, path, query, headers, body, rest)| {
        let (secret, token, region, seconds) = rest;
        Signed {
            method,
            path,
            query: query.into_iter().collect(),
            headers: headers.into_iter().collect(),
            body,
            secret,
            token,
            region,
            service: "sts".into(),
            time: NOW + time::Duration::seconds(seconds),
        }
    })
}

/// Changes one part, so that it means something else.
fn change(signed: &mut Signed, part: usize) {
    match part {
        0 => signed.method = Method::PATCH,
        1 => signed.path += "x",
        2 => signed.query.push(("added".into(), String::new())),
        3 => match signed.query.first_mut() {
            Some((_, value)) => value.push('x'),
            None => signed.query.push(("a".into(), "b".into())),
        },
        4 => drop(signed.query.pop().unwrap_or_else(|| {
            signed.path.push('y');
            Default::default()
        })),
        5 => signed.headers.push(("y-added".into(), String::new())),
        6 => match signed.headers.first_mut() {
            Some((_, value)) => value.push('x'),
            None => signed.headers.push(("y-added".into(), "x".into())),
        },
        7 => signed.body.push(' '),
        8 => signed.secret.push('x'),
        9 => signed.token.get_or_insert_default().push('x'),
        10 => signed.region.push('1'),
        11 => signed.service.push('x'),
        _ => signed.time += time::Duration::SECOND,
    }
}

/// Turns over one bit of what is sent; `None` when the result is no request, or says the same.
fn flip(mut request: Request<String>, at: Index) -> Option<Request<Vec<u8>>> {
    let target = request.uri().path_and_query().unwrap().as_str().to_owned();
    let mut parts = vec![target.clone().into_bytes(), std::mem::take(request.body_mut()).into_bytes()];
    parts.extend(request.headers().values().map(|value| value.as_bytes().to_vec()));
    let mut bit = at.index(8 * parts.iter().map(Vec::len).sum::<usize>());
    let part = parts.iter().position(|part| {
        bit < 8 * part.len() || {
            bit -= 8 * part.len();
            false
        }
    })?;
    parts[part][bit / 8] ^= 1 << (bit % 8);

    let mut values = parts.split_off(2).into_iter();
    for value in request.headers_mut().values_mut() {
        *value = HeaderValue::from_bytes(&values.next()?).ok()?;
    }
    let body = parts.pop()?;
    let new = String::from_utf8(parts.pop()?).ok()?;
    // `%2f` in a query is `%2F`.
    let is_digit = part == 0 && target[(bit / 8).saturating_sub(2)..bit / 8].contains('%');
    if is_digit && new.eq_ignore_ascii_case(&target) {
        return None;
    }
    // Without its slash, a path's beginning is the end of the host.
    if !new.starts_with('/') {
        return None;
    }
    *request.uri_mut() = format!("https://sts.us-east-1.amazonaws.com{new}").parse::<Uri>().ok()?;
    Some(request.map(|_| body))
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn neither_order_nor_case_counts(
        (signed, headers, query) in signed().prop_flat_map(|signed| {
            let (headers, query) = (Just(signed.headers.clone()).prop_shuffle(), Just(signed.query.clone()).prop_shuffle());
            (Just(signed), headers, query)
        }),
        upper in any::<u32>(),
    ) {
        let letter = |(index, c): (usize, char)| if upper >> index & 1 == 1 { c.to_ascii_uppercase() } else { c };
        let name = |name: String| name.chars().enumerate().map(letter).collect();
        let headers = headers.into_iter().map(|(key, value)| (name(key), value)).collect();
        let other = Signed { query, headers, ..signed.clone() };
        prop_assert_eq!(signed.signatures(), other.signatures());
    }

    #[test]
    fn every_signed_part_counts(signed in signed(), part in 0..13_usize) {
        let mut other = signed.clone();
        change(&mut other, part);
        let (before, after) = (signed.signatures(), other.signatures());
        prop_assert_ne!(&before[0], &after[0], "{:?}", other);
        prop_assert_ne!(&before[1], &after[1], "{:?}", other);
    }

    #[test]
    fn every_bit_counts(signed in signed(), presigned in any::<bool>(), at in any::<Index>()) {
        let request = if presigned { signed.presigned() } else { signed.request() };
        let verified = Verifier::new("sts").verify(&request, signed.time, |_| Some(signed.credentials()));
        prop_assert!(verified.is_ok(), "{:?}", verified);
        if let Some(request) = flip(request, at) {
            let verified = Verifier::new("sts").verify(&request, signed.time, |id| (id == "AKIDEXAMPLE").then(|| signed.credentials()));
            prop_assert!(verified.is_err(), "{:?}", request);
        }
    }
}
