//! What is refused of signed requests, and how.

use std::{collections::BTreeSet, time::Duration};

use http::{HeaderName, HeaderValue, Request};
use scratchstack_aws_signature::errors::ServiceError as _;
use sts_core::{
    Credentials,
    sigv4::{Signer, VerifyError},
};
use time::macros::utc_datetime;

use crate::{ID, NOW, REGION, SECRET, credentials, edit, know, peer::validate, refusal, signed, sts};

#[test]
fn a_right_signature_tells_who_signed_what() {
    let credentials = credentials(Some("TOKEN+/="));
    let verified = sts().verify(&signed(&credentials), NOW, know(&credentials)).unwrap();
    assert_eq!(verified.access_key_id, ID);
    assert_eq!(verified.region, REGION);
    assert_eq!(verified.signed_headers, ["content-type", "host", "x-amz-date", "x-amz-security-token"]);
}

/// Codes and texts as the independent verifier has them, which took them from AWS's services.
#[test]
fn incomplete_signatures_are_refused_with_the_services_texts() {
    type Damage = fn(&mut Request<String>);
    fn without(request: &mut Request<String>, parameter: &str) {
        edit(request, "authorization", |value| {
            let (algorithm, parameters) = value.split_once(' ').unwrap();
            let kept: Vec<_> = parameters.split(", ").filter(|field| !field.starts_with(parameter)).collect();
            format!("{algorithm} {}", kept.join(", "))
        });
    }
    let damages: [(&str, Damage); 17] = [
        ("no Authorization", |request| drop(request.headers_mut().remove("authorization"))),
        ("no Credential", |request| without(request, "Credential")),
        ("no SignedHeaders", |request| without(request, "SignedHeaders")),
        ("no Signature", |request| without(request, "Signature")),
        ("nothing", |request| without(request, "")),
        ("no X-Amz-Date", |request| drop(request.headers_mut().remove("x-amz-date"))),
        ("algorithm", |request| edit(request, "authorization", |value| value.replace("SHA256 ", "SHA512 "))),
        ("no date", |request| edit(request, "x-amz-date", |_| "yesterday".into())),
        ("service", |request| edit(request, "authorization", |value| value.replace("/sts/", "/s3/"))),
        ("day", |request| edit(request, "authorization", |value| value.replace("/20150830/", "/20150831/"))),
        ("signature", |request| edit(request, "authorization", |value| format!("{value}00"))),
        ("signature in capitals", |request| {
            edit(request, "authorization", |value| {
                let (start, signature) = value.rsplit_once('=').unwrap();
                format!("{start}={}", signature.to_uppercase())
            });
        }),
        ("no equal sign", |request| edit(request, "authorization", |value| format!("{value}, x"))),
        ("no equal sign in what is missing", |request| {
            edit(request, "authorization", |value| value.replace("Credential=", "Credential"));
        }),
        ("blank before an equal sign", |request| {
            edit(request, "authorization", |value| value.replace("Credential=", "Credential ="));
        }),
        ("no UTF-8", |request| {
            let value = HeaderValue::from_bytes(b"AWS4-HMAC-SHA256 Credential=\xff").unwrap();
            request.headers_mut().insert("authorization", value);
        }),
        ("no hexadecimal", |request| edit(request, "authorization", |value| format!("{value}xyz"))),
    ];
    let credentials = credentials(None);
    for (what, damage) in damages {
        let mut request = signed(&credentials);
        damage(&mut request);
        let ours = refusal(&request, &credentials, NOW);
        let theirs = validate(&request, REGION, NOW, &credentials).unwrap_err();
        assert_eq!((ours.code(), ours.to_string()), (theirs.error_code(), theirs.to_string()), "{what}");
        // https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
        assert_eq!(ours.status(), if ours.code() == "IncompleteSignature" { 400 } else { 403 }, "{what}");
    }
}

/// As the independent verifier reads them: the last of each name counts, other names and empty parameters do not.
#[test]
fn the_last_of_repeated_parameters_counts() {
    let credentials = credentials(Some("TOKEN+/="));
    let read = |change: &dyn Fn(&str) -> String| {
        let mut request = signed(&credentials);
        edit(&mut request, "authorization", change);
        let ours = sts().verify(&request, NOW, know(&credentials));
        let theirs = validate(&request, REGION, NOW, &credentials);
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{request:?}: {ours:?}, {theirs:?}");
        ours.is_ok()
    };
    for name in ["Credential", "SignedHeaders", "Signature"] {
        for value in ["", "0", "host", "AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request"] {
            let first = read(&|text| text.replacen(' ', &format!(" {name}={value}, "), 1));
            let last = read(&|text| format!("{text}, {name}={value}"));
            let same = name == "Credential" && value.starts_with(ID);
            assert_eq!((first, last), (true, same), "{name}={value}");
        }
    }
    for extra in ["X=1", "X=", "=", "=x", "X=Signature=0", "signature=0", "Signature =0", "", " "] {
        assert!(read(&|text| text.replacen(' ', &format!(" {extra}, "), 1)), "{extra}");
        assert!(read(&|text| format!("{text} , {extra}")), "{extra}");
    }
    assert!(read(&|text| text.replace(", ", ",")));
    assert!(read(&|text| text.replace(", ", "  ,  ")));
}

#[test]
fn a_credential_has_five_elements() {
    let credentials = credentials(None);
    let mut request = signed(&credentials);
    edit(&mut request, "authorization", |value| value.replace("/aws4_request", ""));
    let error = refusal(&request, &credentials, NOW);
    assert_eq!((error.code(), error.status().as_u16()), ("IncompleteSignature", 400));
    let text = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term";
    assert!(error.to_string().starts_with(text), "{error}");
}

#[test]
fn the_host_the_date_and_the_token_must_be_signed() {
    let credentials = credentials(Some("TOKEN+/="));
    for name in ["host", "x-amz-date", "x-amz-security-token"] {
        let mut request = signed(&credentials);
        edit(&mut request, "authorization", |value| value.replace(&format!(";{name}"), ""));
        let error = refusal(&request, &credentials, NOW).to_string();
        assert!(error.ends_with("must be a 'SignedHeader' in the AWS Authorization."), "{error}");
        assert!(error.to_lowercase().contains(&format!("'{name}'")), "{error}");
    }
}

/// What is added on the way is refused as the independent verifier does when that prefix is required of it.
#[test]
fn headers_of_amazons_must_be_signed() {
    let credentials = credentials(None);
    for (name, accepted) in [
        ("x-amz-foo", false),
        ("X-Amz-Target", false),
        ("x-amz-content-sha256", false),
        ("x-amz-", false),
        ("x-amz", true),
        ("x-amzn-trace-id", true),
        ("content-type", true),
        ("accept", true),
    ] {
        for presigned in [false, true] {
            let mut request =
                if presigned { crate::presign::presigned(&credentials, "sts", 60) } else { signed(&credentials) };
            request
                .headers_mut()
                .append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static("x"));
            let ours = sts().verify(&request, NOW, know(&credentials));
            let theirs = validate(&request, REGION, NOW, &credentials);
            let text = format!("'{}' must be a 'SignedHeader' in the AWS Authorization.", name.to_lowercase());
            match ours {
                // A second value of one that is signed.
                Err(error) if !presigned && name == "content-type" => assert_eq!(error.code(), "SignatureDoesNotMatch"),
                Err(error) => {
                    assert!(!accepted, "{name}");
                    assert_eq!((error.code(), error.to_string()), ("IncompleteSignature", text.clone()));
                    assert_eq!(theirs.unwrap_err().to_string(), text, "{name}");
                }
                Ok(_) => {
                    assert!(accepted, "{name}");
                    // It does not decode a presigned request's credential.
                    assert!(theirs.is_ok() || presigned, "{name}: {theirs:?}");
                }
            }
        }
    }
}

#[test]
fn clocks_may_be_fifteen_minutes_apart() {
    let credentials = credentials(None);
    let request = signed(&credentials);
    for (now, accepted) in [
        (utc_datetime!(2015-08-30 12:51:00), true),
        (utc_datetime!(2015-08-30 12:21:00), true),
        (utc_datetime!(2015-08-30 12:51:01), false),
        (utc_datetime!(2015-08-30 12:20:59), false),
    ] {
        let ours = sts().verify(&request, now, know(&credentials));
        let theirs = validate(&request, REGION, now, &credentials);
        assert_eq!(ours.is_ok(), accepted, "{now}");
        assert_eq!(theirs.is_ok(), accepted, "{now}");
        if let (Err(ours), Err(theirs)) = (ours, theirs) {
            assert_eq!((ours.code(), ours.to_string()), (theirs.error_code(), theirs.to_string()));
            assert_eq!(ours.status(), 403);
        }
    }
    assert_eq!(
        refusal(&request, &credentials, utc_datetime!(2015-08-30 13:00:00)).to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T124500Z (20150830T130000Z - 15 min.)"
    );
    assert_eq!(
        refusal(&request, &credentials, utc_datetime!(2015-08-30 12:00:00)).to_string(),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T121500Z (20150830T120000Z + 15 min.)"
    );
}

#[test]
fn a_token_beyond_ascii_is_the_keys_own_too() {
    let known = credentials(Some("TOKEN-\u{e9}"));
    assert!(sts().verify(&signed(&known), NOW, know(&known)).is_ok());
    assert_eq!(refusal(&signed(&known), &credentials(Some("TOKEN-\u{e8}")), NOW), VerifyError::InvalidToken);
}

#[test]
fn keys_and_tokens_that_are_not_known() {
    let invalid = "The security token included in the request is invalid.";
    let (long_term, temporary) = (credentials(None), credentials(Some("TOKEN+/=")));
    for (signer, known) in [
        (&long_term, &Credentials::new("AKIDOTHER", SECRET)),
        (&long_term, &temporary),
        (&temporary, &long_term),
        (&temporary, &credentials(Some("FOREIGN"))),
    ] {
        let error = refusal(&signed(signer), known, NOW);
        assert_eq!(
            (error.code(), &*error.to_string(), error.status().as_u16()),
            ("InvalidClientTokenId", invalid, 403)
        );
    }
}

#[test]
fn expired_credentials_are_refused_from_their_last_second_on() {
    let credentials = credentials(Some("TOKEN+/=")).expiration(utc_datetime!(2015-08-30 12:40:00));
    let request = signed(&credentials);
    assert!(sts().verify(&request, utc_datetime!(2015-08-30 12:39:59), know(&credentials)).is_ok());
    let error = refusal(&request, &credentials, utc_datetime!(2015-08-30 12:40:00));
    assert_eq!(
        (error.code(), &*error.to_string(), error.status().as_u16()),
        ("ExpiredToken", "The security token included in the request is expired", 403)
    );
}

#[test]
fn a_mismatch_shows_what_should_have_been_signed() {
    let error = refusal(&signed(&credentials(None)), &Credentials::new(ID, "wrong"), NOW);
    assert_eq!((error.code(), error.status().as_u16()), ("SignatureDoesNotMatch", 403));
    assert_eq!(
        error.to_string(),
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
         Access Key and signing method. Consult the service documentation for details."
    );
    assert_eq!(error, VerifyError::Mismatch);
    let canonical_request = sts().canonical_request(&signed(&credentials(None))).unwrap();
    let string_to_sign = canonical_request.string_to_sign(NOW, REGION, "sts").unwrap();
    // The hashes are sha256sum's, of the body and of this very text.
    assert_eq!(
        canonical_request.to_string(),
        "POST\n/\n\ncontent-type:application/x-www-form-urlencoded\nhost:sts.us-east-1.amazonaws.com\n\
         x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\nab821ae955788b0e33ebd34c208442ccfc2d406e2edc5e7a39bd6458fbb4f843"
    );
    assert_eq!(canonical_request.as_bytes(), canonical_request.to_string().as_bytes());
    assert_eq!(canonical_request.signed_headers(), "content-type;host;x-amz-date");
    assert_eq!(
        string_to_sign,
        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/sts/aws4_request\nb42b3efd3741b943b44eb29d91274cf0fd1f1abf768f2b71231a87e15394814a"
    );
}

/// Both ways of signing.
fn with_signed_headers(names: &str, presigned: bool) -> Request<String> {
    let credentials = credentials(None);
    if presigned {
        let mut request = crate::presign::presigned(&credentials, "sts", 60);
        crate::presign::set(
            &mut request,
            "X-Amz-SignedHeaders",
            &names.replace(';', "%3B").replace('\n', "%0A").replace(' ', "%20"),
        );
        request
    } else {
        let mut request = signed(&credentials);
        edit(&mut request, "authorization", |value| value.replace("content-type;host;x-amz-date", names));
        request
    }
}

/// Each repetition, or another spelling of the same name, would be hashed with the same value once more.
#[test]
fn signed_headers_are_in_lower_case_sorted_and_distinct() {
    for (names, is_canonical) in [
        ("content-type;host;x-amz-date", true),
        ("content-type;host;host;x-amz-date", false),
        ("content-type;host;x-amz-date;x-amz-date", false),
        ("host;content-type;x-amz-date", false),
        ("content-type;host;x-amz-date;accept", false),
        ("Content-Type;host;x-amz-date", false),
        ("CONTENT-TYPE;content-type;host;x-amz-date", false),
        (";content-type;host;x-amz-date", false),
        ("content-type;;host;x-amz-date", false),
        ("content-type;host;x-amz-date;", false),
        ("content-type; host;x-amz-date", false),
        ("content-type;host;x amz;x-amz-date", false),
    ] {
        for presigned in [false, true] {
            let error = refusal(&with_signed_headers(names, presigned), &Credentials::new(ID, "wrong"), NOW);
            if is_canonical {
                assert_eq!(error, VerifyError::Mismatch, "{names}");
                continue;
            }
            assert_eq!((error.code(), error.status().as_u16()), ("IncompleteSignature", 400), "{names}");
            assert_eq!(
                error.to_string(),
                "'SignedHeaders' must be names in lower case, sorted and each once.",
                "{names}"
            );
        }
    }
    let hidden = with_signed_headers("host;x\ny", true);
    assert_eq!(refusal(&hidden, &credentials(None), NOW).code(), "IncompleteSignature");
}

/// What is hashed is a small multiple of the request, whatever its parts are: names and values of headers that there are many of or that are
/// long, a path and a query that must be encoded.
#[test]
fn what_is_hashed_is_not_much_longer_than_the_request() {
    let long = "v".repeat(100_000);
    let names: Vec<_> = (0..20_000).map(|number| format!("x{number:05}")).collect();
    let present: Vec<_> = (0..20_000).map(|number| format!("x-amz-{number:05}")).collect();
    for (signed_names, values, target) in [
        (names.clone(), vec![("x00000".to_owned(), &*long)], "/".to_owned()),
        (present.clone(), present.iter().map(|name| (name.clone(), "")).collect(), "/".to_owned()),
        (vec!["x".into()], vec![("x".to_owned(), "a"); 20_000], "/".to_owned()),
        (vec![], vec![], format!("/{}?{}", "%25".repeat(9_000), "%ff&".repeat(9_000))),
        (vec![], vec![], format!("/{}?{}", "!/".repeat(15_000), "!&".repeat(15_000))),
    ] {
        let mut request = signed(&credentials(None));
        let list: BTreeSet<_> = signed_names.iter().map(String::as_str).chain(["host", "x-amz-date"]).collect();
        let list = list.into_iter().collect::<Vec<_>>().join(";");
        edit(&mut request, "authorization", |value| value.replace("content-type;host;x-amz-date", &list));
        *request.uri_mut() = target.parse().unwrap();
        for (name, value) in values {
            request.headers_mut().append(HeaderName::try_from(name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
        let length = headers.sum::<usize>() + target.len() + request.body().len();
        assert_eq!(refusal(&request, &Credentials::new(ID, "wrong"), NOW), VerifyError::Mismatch);
        let hashed = sts().canonical_request(&request).unwrap().as_bytes().len();
        assert!(hashed <= 4 * length, "{hashed} of {length}");
    }
}

/// [`VerifyError::Mismatch`] also where the beginning is right: a comparison of as many digits as are there would accept it.
#[test]
fn a_signature_cut_short_is_refused() {
    let credentials = credentials(None);
    for digits in [62, 32, 2, 1, 0] {
        let mut request = signed(&credentials);
        edit(&mut request, "authorization", |value| {
            let (start, signature) = value.rsplit_once('=').unwrap();
            format!("{start}={}", &signature[..digits])
        });
        assert_eq!(refusal(&request, &credentials, NOW), VerifyError::Mismatch, "{digits}");
        let mut request = crate::presign::presigned(&credentials, "sts", 60);
        crate::presign::edit_query(&mut request, |key, value| {
            Some(format!("{key}={}", if key == "X-Amz-Signature" { &value[..digits] } else { value }))
        });
        assert_eq!(refusal(&request, &credentials, NOW), VerifyError::Mismatch, "presigned, {digits}");
    }
}

/// Form readers take it for a space, and so would whoever acts on the query; what was signed says `%2B`.
#[test]
fn a_raw_plus_in_the_query_is_refused() {
    let credentials = credentials(None);
    for (query, accepted) in [("a=b%2Bc", true), ("a=b%20c", true), ("a=b+c", false), ("a+b=c", false), ("+", false)] {
        let url = format!("https://sts.us-east-1.amazonaws.com/?{query}");
        let mut request = Request::post(&url).body(String::new()).unwrap();
        Signer::new(&credentials, REGION, "sts").sign(&mut request, "", NOW).unwrap();
        let presigned = Request::get(&url).body(String::new()).unwrap();
        let signer = Signer::new(&credentials, REGION, "sts");
        let url = signer.presign(&presigned, b"", Duration::from_secs(60), NOW).unwrap();
        for request in [request, crate::presign::received(presigned, url)] {
            match sts().verify(&request, NOW, know(&credentials)) {
                Ok(_) => assert!(accepted, "{query}"),
                Err(error) => {
                    assert!(!accepted, "{query}: {error}");
                    assert_eq!(error.code(), "IncompleteSignature");
                    let text = "The query has a '+', which stands for itself or for a space: encode it as %2B or %20.";
                    assert_eq!(error.to_string(), text);
                }
            }
        }
    }
}

/// A server acts on one of the two, so they must be the same. HTTP/2 has only the URL's.
#[test]
fn the_host_is_that_of_the_url() {
    let credentials = credentials(None);
    let differs = "The 'Host' header is not the host of the request's URL.";
    let twice = "The request has more than one 'Host' header.";
    let host = "sts.us-east-1.amazonaws.com";
    for (uri, hosts, refused) in [
        ("/", &[host][..], None),
        ("https://sts.us-east-1.amazonaws.com/", &[host], None),
        ("https://sts.us-east-1.amazonaws.com:443/", &[host], None),
        ("https://sts.us-east-1.amazonaws.com:/", &[host], None),
        ("https://STS.us-east-1.Amazonaws.com/", &[host], None),
        ("https://sts.us-east-1.amazonaws.com/", &[], None),
        ("https://STS.us-east-1.amazonaws.com:443/", &[], None),
        ("https://sts.amazonaws.com/", &[host], Some(differs)),
        ("https://sts.us-east-1.amazonaws.com:80/", &[host], Some(differs)),
        ("http://sts.us-east-1.amazonaws.com:443/", &[host], Some(differs)),
        ("https://sts.us-east-1.amazonaws.com:8443/", &[host], Some(differs)),
        ("https://sts.us-east-1.amazonaws.com.evil.example/", &[host], Some(differs)),
        ("https://sts.us-east-1.amazonaws.com/", &[""], Some(differs)),
        ("https://sts.us-east-1.amazonaws.com/", &["a b"], Some(differs)),
        ("https://sts.us-east-1.amazonaws.com/", &[host, host], Some(twice)),
        ("/", &[host, host], Some(twice)),
        ("/", &[host, "evil.example"], Some(twice)),
    ] {
        let mut request = signed(&credentials);
        *request.uri_mut() = uri.parse().unwrap();
        request.headers_mut().remove("host");
        for host in hosts {
            request.headers_mut().append("host", host.parse().unwrap());
        }
        let result = sts().verify(&request, NOW, know(&credentials));
        let error = result.err().map(|error| (error.code(), error.to_string()));
        assert_eq!(error, refused.map(|text| ("IncompleteSignature", text.to_owned())), "{uri} {hosts:?}");
    }
    // With neither, nothing was signed.
    let mut request = signed(&credentials);
    *request.uri_mut() = "/".parse().unwrap();
    request.headers_mut().remove("host");
    assert_eq!(refusal(&request, &credentials, NOW), VerifyError::Mismatch);
}
