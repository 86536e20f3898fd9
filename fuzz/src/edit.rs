//! Edits of a request on its way.

use arbitrary::Arbitrary;
use http::{HeaderName, HeaderValue, Request};

/// Replaces `drop` bytes at `at` by `with`.
#[derive(Arbitrary, Debug)]
pub struct Edit<'a> {
    part: Part,
    at: u16,
    drop: u8,
    with: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Part {
    Target,
    Body,
    /// The value of the header with this number.
    Header(u8),
    /// A header is added or replaced.
    NewHeader,
}

impl Edit<'_> {
    /// Edits the request, unless the result would not be a request.
    pub fn apply(&self, request: &mut Request<Vec<u8>>) {
        match self.part {
            Part::Target => {
                if let Ok(uri) = self.splice(request.uri().to_string().as_bytes()).try_into() {
                    *request.uri_mut() = uri;
                }
            }
            Part::Body => *request.body_mut() = self.splice(request.body()),
            Part::Header(index) => {
                let count = request.headers().len().max(1);
                if let Some(value) = request.headers_mut().values_mut().nth(usize::from(index) % count)
                    && let Ok(new) = HeaderValue::from_bytes(&self.splice(value.as_bytes()))
                {
                    *value = new;
                }
            }
            Part::NewHeader => {
                let colon = self.with.iter().position(|byte| *byte == b':').unwrap_or_default();
                let (name, value) = self.with.split_at(colon);
                if let (Ok(name), [b':', value @ ..]) = (HeaderName::from_bytes(name), value)
                    && let Ok(value) = HeaderValue::from_bytes(value)
                {
                    request.headers_mut().insert(name, value);
                }
            }
        }
    }

    fn splice(&self, old: &[u8]) -> Vec<u8> {
        let start = usize::from(self.at).min(old.len());
        let end = (start + usize::from(self.drop)).min(old.len());
        [&old[..start], self.with, &old[end..]].concat()
    }
}
