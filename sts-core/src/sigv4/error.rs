//! Errors in signing.

use core::fmt;

use crate::text::debug_in_words;

/// Why a request could not be signed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The URL has no host, and there is no `Host` header.
    Host,
    /// The access key id contains a character that a header cannot.
    AccessKeyId,
    /// The session token contains a character that a header cannot.
    SessionToken,
    /// The region or the service contains a character that a header cannot.
    Scope,
    /// The set of regions contains a character that a header cannot.
    #[cfg(feature = "sigv4a")]
    RegionSet,
    /// The request has too many headers to add another.
    Headers,
    /// The year does not have four digits.
    Date,
    /// The lifetime of a presigned request is less than a second or more than a week.
    Expires,
    /// The signed URL is not valid, or too long.
    Uri,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "the request has no host to sign for",
            Self::AccessKeyId => "the access key id holds a character that a header cannot",
            Self::Scope => "the region or the service holds a character that a header cannot",
            Self::SessionToken => "the session token holds a character that a header cannot",
            #[cfg(feature = "sigv4a")]
            Self::RegionSet => "the set of regions holds a character that a header cannot",
            Self::Headers => "the request has so many headers that none can be added",
            Self::Date => "the date is not between the years 0 and 9999",
            Self::Expires => "a presigned request lives for a second at least and a week at most",
            Self::Uri => "the signed URL is not a URL, or is longer than 65534 characters",
        })
    }
}

impl core::error::Error for SignError {}

debug_in_words!(SignError);
