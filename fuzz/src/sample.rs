//! Requests of all kinds, with the time and the credentials of the signature.

use std::time::Duration;

use arbitrary::Arbitrary;
use http::{
    HeaderName, HeaderValue, Method, Request,
    header::{AUTHORIZATION, HOST},
};
use sts_core::{
    Credentials,
    sigv4::{SignError, Signer},
};
use time::{UtcDateTime, macros::utc_datetime};

use crate::signer;

/// The key id of every signature.
pub const ID: &str = "AKIDEXAMPLE";
const SERVER: &str = "sts.us-east-1.amazonaws.com";

#[derive(Arbitrary, Debug)]
pub struct Sample<'a> {
    post: bool,
    target: &'a str,
    headers: Vec<(Name<'a>, &'a [u8])>,
    secret: &'a str,
    token: Option<&'a str>,
    seconds: u32,
    pub body: &'a [u8],
}

/// Whether a query is unambiguous.
pub fn is_plain<B>(request: &Request<B>) -> bool {
    !request.uri().query().is_some_and(|query| query.contains('+'))
}

#[derive(Arbitrary, Debug)]
enum Name<'a> {
    ContentType,
    Host,
    Unsigned,
    Own,
    Any(&'a str),
}

impl Sample<'_> {
    /// The request before it is signed; `None` if the target is invalid or already signed.
    pub fn request(&self) -> Option<Request<Vec<u8>>> {
        if self.target.contains("X-Amz-Signature") {
            return None;
        }
        let mut request = Request::new(self.body.to_vec());
        *request.method_mut() = if self.post { Method::POST } else { Method::GET };
        *request.uri_mut() = format!("https://{SERVER}/{}", self.target).parse().ok()?;
        for (name, value) in &self.headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::from_bytes(value)) else {
                continue;
            };
            // A request with two hosts is invalid, and an existing signature might be read instead of the added one.
            if name != AUTHORIZATION && (name != HOST || !request.headers().contains_key(HOST)) {
                request.headers_mut().append(name, value);
            }
        }
        if request.headers().contains_key(HOST) {
            // As a server sees it, where the header may have any host.
            *request.uri_mut() = request.uri().path_and_query()?.as_str().parse().ok()?;
        }
        Some(request)
    }

    pub fn credentials(&self) -> Credentials {
        let credentials = Credentials::new(ID, self.secret);
        // White space at the ends of a header does not count.
        match self.token.map(str::trim) {
            Some(token) => credentials.session_token(token),
            None => credentials,
        }
    }

    /// Whether the token can be sent in a header.
    pub fn fits_in_headers(&self) -> bool {
        self.token.is_none_or(|token| HeaderValue::from_str(token.trim()).is_ok())
    }

    pub fn now(&self) -> UtcDateTime {
        utc_datetime!(1990-01-01 00:00) + time::Duration::seconds(self.seconds.into())
    }

    pub fn sign(&self, request: &mut Request<Vec<u8>>) -> Result<(), SignError> {
        Signer::new(&self.credentials(), "us-east-1", "sts").sign(request, self.body, self.now())
    }

    /// Turns the request into one to its presigned URL, as a recipient of the URL sends it.
    pub fn presign(&self, request: &mut Request<Vec<u8>>, expires: Duration) -> Result<(), SignError> {
        let credentials = self.credentials();
        let signer = Signer::new(&credentials, "us-east-1", "sts");
        *request.uri_mut() = signer.presign(request, self.body, expires, self.now())?;
        request.headers_mut().entry(HOST).or_insert(HeaderValue::from_static(SERVER));
        Ok(())
    }

    /// `20150830/us-east-1/sts/aws4_request`
    pub fn scope(&self) -> String {
        format!("{}/us-east-1/sts/aws4_request", &self.timestamp()[..8])
    }

    /// The second signer's signature of this canonical request.
    pub fn signature(&self, canonical_request: &[u8]) -> String {
        signer::signature(self.secret, &self.timestamp(), &self.scope(), canonical_request)
    }

    /// `20150830T123600Z`
    fn timestamp(&self) -> String {
        let now = self.now();
        let (month, day) = (u8::from(now.month()), now.day());
        format!("{:04}{month:02}{day:02}T{:02}{:02}{:02}Z", now.year(), now.hour(), now.minute(), now.second())
    }
}

impl Name<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::ContentType => "content-type",
            Self::Host => "host",
            Self::Unsigned => "user-agent",
            Self::Own => "x-amz-meta",
            Self::Any(name) => name,
        }
    }
}
