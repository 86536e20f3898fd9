//! Metadata of a call: request ids, status, attempts and regions.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};
use base64::{Engine as _, prelude::BASE64_STANDARD as STANDARD};
use core::{array, fmt, time::Duration};
use http::{HeaderMap, HeaderName, StatusCode};
use time::UtcDateTime;

use crate::timestamp::Timestamp;

/// Metadata of a call that got a response, successful or not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// AWS's request id, from the body or a header. AWS Support asks for it.
    pub request_id: Option<String>,
    /// `x-amz-id-2`
    pub extended_request_id: Option<String>,
    /// `x-amz-cf-id`: set by CloudFront.
    pub cloud_front_id: Option<String>,
    /// The HTTP status.
    pub status: StatusCode,
    /// How many attempts were made.
    pub attempts: u32,
    /// The total time that the call waited before and between attempts.
    pub retry_delay: Duration,
    /// The region that the request was signed for; `None` if it was not signed.
    pub region: Option<String>,
    /// The region that served the request, if the response contains it.
    pub serving_region: Option<String>,
    /// The service's time, with millisecond resolution, if the response contains it.
    pub server_time: Option<Timestamp>,
}

impl Metadata {
    /// Reads the headers of a response. `request_id` is the id in the body.
    pub(crate) fn of(status: StatusCode, headers: &HeaderMap, request_id: Option<&str>) -> Self {
        let header = |name: &HeaderName| headers.get(name)?.to_str().ok().filter(|text| !text.is_empty());
        let (serving_region, server_time) = header(&STS_EXTENDED_REQUEST_ID).and_then(served_by).unzip();
        Self {
            request_id: request_id.or_else(|| REQUEST_IDS.iter().find_map(header)).map(str::to_owned),
            extended_request_id: header(&EXTENDED_REQUEST_ID).map(str::to_owned),
            cloud_front_id: header(&CLOUD_FRONT_ID).map(str::to_owned),
            serving_region,
            server_time,
            ..Self::new(status)
        }
    }

    /// Metadata of a first attempt with this status, for tests.
    pub fn new(status: StatusCode) -> Self {
        Self {
            request_id: None,
            extended_request_id: None,
            cloud_front_id: None,
            status,
            attempts: 1,
            retry_delay: Duration::ZERO,
            region: None,
            serving_region: None,
            server_time: None,
        }
    }
}

static REQUEST_IDS: [HeaderName; 3] = [
    HeaderName::from_static("x-amzn-requestid"),
    HeaderName::from_static("x-amzn-request-id"),
    HeaderName::from_static("x-amz-request-id"),
];
static EXTENDED_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");
static CLOUD_FRONT_ID: HeaderName = HeaderName::from_static("x-amz-cf-id");
static STS_EXTENDED_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-sts-extended-request-id");

/// Region and time in `x-amz-sts-extended-request-id`: base64 of `1:<region>:S:<epoch milliseconds>:R:<id>`. AWS does not document this
/// format, so other values are ignored.
fn served_by(id: &str) -> Option<(String, Timestamp)> {
    let text = String::from_utf8(STANDARD.decode(id).ok()?).ok()?;
    let mut parts = text.split(':');
    let parts: [_; 5] = array::from_fn(|_| parts.next());
    let [Some("1"), Some(region), Some("S"), Some(milliseconds), Some("R")] = parts else { return None };
    let nanoseconds = milliseconds.parse::<u64>().ok()?;
    let time = UtcDateTime::from_unix_timestamp_nanos(i128::from(nanoseconds) * 1_000_000).ok()?;
    Some((region.to_owned(), time.into()))
}

/// `HTTP 403, request id 1234, region eu-west-1, attempt 3`
impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status.as_u16())?;
        self.details().iter().try_for_each(|detail| write!(f, ", {detail}"))
    }
}

impl Metadata {
    /// Everything behind the status in `Display`.
    pub(crate) fn details(&self) -> Vec<String> {
        let id = self.request_id.as_ref().map(|id| format!("request id {id}"));
        let region = self.region.as_ref().map(|region| format!("region {region}"));
        let attempt = (self.attempts > 1).then(|| format!("attempt {}", self.attempts));
        [id, region, attempt].into_iter().flatten().collect()
    }
}
