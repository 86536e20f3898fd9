//! What is refused of presigned requests, and how.

use http::{HeaderValue, Request, Uri};
use scratchstack_aws_signature::errors::ServiceError as _;
use sts_core::sigv4::Verifier;
use time::macros::utc_datetime;

use crate::{
    NOW, REGION, credentials, know,
    peer::validate,
    presign::{PARAMETERS, drop_field, edit_query, presigned, set},
    refusal, sts,
};

/// A week: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
const LONGEST: u64 = 604_800;

/// Codes and texts as the independent verifier has them. It comes no further with presigned requests: it looks for slashes in a
/// credential that it has not decoded.
#[test]
fn incomplete_presigned_requests_are_refused_with_the_services_texts() {
    type Damage = fn(&mut Request<String>);
    let damages: [(&str, Damage); 11] = [
        ("no algorithm", |request| drop_field(request, "X-Amz-Algorithm")),
        ("algorithm", |request| set(request, "X-Amz-Algorithm", "AWS4-HMAC-SHA512")),
        ("no credential", |request| drop_field(request, "X-Amz-Credential")),
        ("no signature", |request| drop_field(request, "X-Amz-Signature")),
        ("no signed headers", |request| drop_field(request, "X-Amz-SignedHeaders")),
        ("no date", |request| drop_field(request, "X-Amz-Date")),
        ("two missing", |request| {
            drop_field(request, "X-Amz-Date");
            drop_field(request, "X-Amz-Credential");
        }),
        ("all missing", |request| {
            for name in ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"] {
                drop_field(request, name);
            }
        }),
        ("date", |request| set(request, "X-Amz-Date", "2015-08-30")),
        ("no query", |request| *request.uri_mut() = Uri::from_static("https://sts.us-east-1.amazonaws.com/")),
        ("parameter in lower case", |request| {
            edit_query(request, |key, value| {
                Some(format!("{}={value}", if key == "X-Amz-Algorithm" { "x-amz-algorithm" } else { key }))
            });
        }),
    ];
    let credentials = credentials(None);
    for (what, damage) in damages {
        let mut request = presigned(&credentials, "sts", 60);
        damage(&mut request);
        let ours = refusal(&request, &credentials, NOW);
        let theirs = validate(&request, REGION, NOW, &credentials).unwrap_err();
        assert_eq!((ours.code(), ours.to_string()), (theirs.error_code(), theirs.to_string()), "{what}");
        assert_eq!(ours.status(), if ours.code() == "IncompleteSignature" { 400 } else { 403 }, "{what}");
    }
}

#[test]
fn a_presigned_requests_scope_and_host_are_checked() {
    let credentials = credentials(None);
    for (name, value, code, text) in [
        (
            "X-Amz-Credential",
            "AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fs3%2Faws4_request",
            "SignatureDoesNotMatch",
            "Credential should be scoped to correct service: 'sts'.",
        ),
        (
            "X-Amz-Credential",
            "AKIDEXAMPLE%2F20150829%2Fus-east-1%2Fsts%2Faws4_request",
            "SignatureDoesNotMatch",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != \
             '20150830', from '20150830T123600Z'.",
        ),
        (
            "X-Amz-Credential",
            "AKIDEXAMPLE%2F20150830%2Fsts%2Faws4_request",
            "IncompleteSignature",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
        ),
        (
            "X-Amz-Credential",
            "AKIDNOBODY%2F20150830%2Fus-east-1%2Fsts%2Faws4_request",
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        (
            "X-Amz-SignedHeaders",
            "accept",
            "IncompleteSignature",
            "'host' must be a 'SignedHeader' in the AWS Authorization.",
        ),
    ] {
        let mut request = presigned(&credentials, "sts", 60);
        set(&mut request, name, value);
        let error = refusal(&request, &credentials, NOW);
        assert_eq!((error.code(), &*error.to_string()), (code, text));
    }
}

#[test]
fn the_token_of_a_presigned_request_must_be_the_keys() {
    let (long_term, temporary) = (credentials(None), credentials(Some("TOKEN+/=")));
    for (signer, known) in
        [(&long_term, &temporary), (&temporary, &long_term), (&temporary, &credentials(Some("FOREIGN")))]
    {
        let error = refusal(&presigned(signer, "sts", 60), known, NOW);
        assert_eq!(error.code(), "InvalidClientTokenId");
    }
    let ended = credentials(Some("TOKEN+/=")).expiration(NOW);
    assert_eq!(refusal(&presigned(&ended, "sts", 60), &ended, NOW).code(), "ExpiredToken");
    // A token in a header is none that is signed.
    let mut request = presigned(&long_term, "sts", 60);
    request.headers_mut().insert("x-amz-security-token", HeaderValue::from_static("TOKEN+/="));
    let text = "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.";
    assert_eq!(refusal(&request, &temporary, NOW).to_string(), text);
}

#[test]
fn a_presigned_request_lives_as_long_as_it_says() {
    let credentials = credentials(None);
    let check = |request: &Request<String>, now| Verifier::new("execute-api").verify(request, now, know(&credentials));
    for (expires, seconds, accepted) in [
        (60, 0, true),
        (60, 60, true),
        (60, 61, false),
        (60, -900, true),
        (60, -901, false),
        (901, 901, true),
        (LONGEST, 604_800, true),
        (LONGEST, 604_801, false),
    ] {
        let request = presigned(&credentials, "execute-api", expires);
        let now = NOW + time::Duration::seconds(seconds);
        assert_eq!(check(&request, now).is_ok(), accepted, "{expires} after {seconds}");
    }
    let error = check(&presigned(&credentials, "execute-api", 60), utc_datetime!(2015-08-30 12:40:00)).unwrap_err();
    assert_eq!(
        (error.code(), &*error.to_string()),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123900Z (20150830T124000Z - 60 sec.)"
        )
    );
    let error = check(&presigned(&credentials, "execute-api", 60), utc_datetime!(2015-08-30 12:00:00)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T121500Z (20150830T120000Z + 15 min.)"
    );

    let mut request = presigned(&credentials, "execute-api", 60);
    set(&mut request, "X-Amz-Expires", "0");
    assert_eq!(check(&request, NOW).unwrap_err().code(), "SignatureDoesNotMatch");
    assert!(check(&request, NOW + time::Duration::seconds(1)).unwrap_err().to_string().ends_with(" - 0 sec.)"));
    for value in ["", "x", "-1", "604801", "60.0", "6e1", "4294967356", "99999999999999999999"] {
        let mut request = presigned(&credentials, "execute-api", 60);
        set(&mut request, "X-Amz-Expires", value);
        let error = check(&request, NOW).unwrap_err();
        assert_eq!(
            (error.code(), &*error.to_string()),
            ("IncompleteSignature", "X-Amz-Expires must be a number of seconds from 0 to 604800."),
            "{value}"
        );
    }
    let mut request = presigned(&credentials, "execute-api", 60);
    drop_field(&mut request, "X-Amz-Expires");
    assert_eq!(
        check(&request, NOW).unwrap_err().to_string(),
        "AWS query-string parameters must include 'X-Amz-Expires'. Re-examine the query-string parameters."
    );
}

/// STS lets presigned calls live 15 minutes whatever they say: EKS tokens say 60 seconds, and clusters use them for 14 minutes.
#[test]
fn sts_ignores_x_amz_expires() {
    let credentials = credentials(None);
    for expires in [1, 60, LONGEST] {
        let request = presigned(&credentials, "sts", expires);
        for (seconds, accepted) in [(-901, false), (-900, true), (900, true), (901, false)] {
            let now = NOW + time::Duration::seconds(seconds);
            let ours = sts().verify(&request, now, know(&credentials));
            assert_eq!(ours.is_ok(), accepted, "{expires} after {seconds}");
        }
    }
    for value in ["604801", "x"] {
        let mut request = presigned(&credentials, "sts", 60);
        set(&mut request, "X-Amz-Expires", value);
        assert_eq!(refusal(&request, &credentials, NOW).code(), "SignatureDoesNotMatch", "{value}");
    }
    let error = refusal(&presigned(&credentials, "sts", 60), &credentials, utc_datetime!(2015-08-30 13:00:00));
    assert_eq!(
        error.to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T124500Z (20150830T130000Z - 15 min.)"
    );
}

/// The first of several counts, and all but the signature are signed, so that adding one never goes unnoticed.
#[test]
fn doubled_parameters_are_refused() {
    let credentials = credentials(Some("TOKEN+/="));
    for name in PARAMETERS {
        for (before, same) in [(true, true), (true, false), (false, true), (false, false)] {
            let mut request = presigned(&credentials, "sts", 60);
            edit_query(&mut request, |key, value| {
                let field = format!("{key}={value}");
                let second = format!("{key}={}", if same { value } else { "0" });
                Some(match (key == name, before) {
                    (false, _) => field,
                    (true, true) => format!("{second}&{field}"),
                    (true, false) => format!("{field}&{second}"),
                })
            });
            let harmless = name == "X-Amz-Signature" && (same || !before);
            let ours = sts().verify(&request, NOW, know(&credentials));
            assert_eq!(ours.is_ok(), harmless, "{name}, before: {before}, same: {same}");
        }
    }
}
