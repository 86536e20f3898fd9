//! A second signer: slow, and written from
//! [AWS's description](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Request};
use sha2::{Digest as _, Sha256};

/// The signature of a canonical request, at this time (`20150830T123600Z`) for this scope.
pub fn signature(secret: &str, timestamp: &str, scope: &str, canonical_request: &[u8]) -> String {
    let hash = hex::encode(Sha256::digest(canonical_request));
    let string_to_sign = format!("AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{hash}");
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part));
    hex::encode(hmac(&key, &string_to_sign))
}

/// The names of the signed headers, in order.
pub fn signed_headers(headers: &HeaderMap) -> Vec<String> {
    let unsigned = "accept-encoding authorization baggage connection content-length expect keep-alive te traceparent \
        tracestate trailer transfer-encoding upgrade user-agent x-amzn-trace-id";
    let is_signed = |name: &str| !unsigned.split(' ').any(|other| other == name) && !name.starts_with("proxy-");
    let mut names: Vec<_> =
        headers.keys().map(|name| name.as_str().to_owned()).filter(|name| is_signed(name)).collect();
    names.sort();
    names
}

/// The canonical request. The signature of a presigned request is in its query.
pub fn canonical_request(request: &Request<impl AsRef<[u8]>>, names: &[String], presigned: bool) -> Vec<u8> {
    let path = encode(without_dots(request.uri().path()).as_bytes(), b"/");
    let query = request.uri().query().unwrap_or_default();
    let is_signature = |field: &str| presigned && field.starts_with("X-Amz-Signature=");
    let query = query.split('&').filter(|field| !field.is_empty() && !is_signature(field));
    let mut query: Vec<_> = query
        .map(|field| field.split_once('=').unwrap_or((field, "")))
        .map(|(name, value)| (encode(&decode(name), b""), encode(&decode(value), b"")))
        .collect();
    query.sort();
    let query: Vec<_> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut text = format!("{}\n{path}\n{}\n", request.method(), query.join("&")).into_bytes();
    for name in names {
        let values: Vec<_> = request.headers().get_all(name).iter().map(|value| folded(value.as_bytes())).collect();
        text.extend([name.as_bytes(), b":", &values.join(&b","[..]), b"\n"].concat());
    }
    let hash = hex::encode(Sha256::digest(request.body().as_ref()));
    text.extend(format!("\n{}\n{hash}", names.join(";")).into_bytes());
    text
}

/// Merges consecutive slashes, and removes `.` and the segment before `..`. A slash at the end stays, and `/a/.` is `/a`.
fn without_dots(path: &str) -> String {
    let mut output = String::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => output.truncate(output.rfind('/').unwrap_or_default()),
            segment => output += &format!("/{segment}"),
        }
    }
    if output.is_empty() || path.ends_with('/') { output + "/" } else { output }
}

fn encode(bytes: &[u8], safe: &[u8]) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || safe.contains(&byte);
    bytes
        .iter()
        .map(|byte| if is_safe(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn decode(text: &str) -> Vec<u8> {
    let (mut bytes, mut decoded) = (text.as_bytes(), Vec::new());
    while let [first, rest @ ..] = bytes {
        match rest {
            [high, low, rest @ ..] if *first == b'%' && high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                decoded.extend(hex::decode([*high, *low]).expect("two hexadecimal digits"));
                bytes = rest;
            }
            _ => {
                decoded.push(*first);
                bytes = rest;
            }
        }
    }
    decoded
}

/// A header's value without white space at its ends, and with one space for several.
fn folded(value: &[u8]) -> Vec<u8> {
    let mut folded = Vec::new();
    for byte in value {
        let is_blank = matches!(byte, b' ' | b'\t');
        if !is_blank {
            folded.push(*byte);
        } else if folded.last().is_some_and(|last| *last != b' ') {
            folded.push(b' ');
        }
    }
    if folded.last() == Some(&b' ') {
        folded.pop();
    }
    folded
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    hmac.update(text.as_bytes());
    hmac.finalize().into_bytes().to_vec()
}
