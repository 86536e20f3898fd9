//! Errors in making and reading proofs.

use core::fmt;

use crate::{error::Problem, text::debug_in_words};

/// The maximum length of a token for aws-iam-authenticator, in bytes.
pub(super) const MAX_EKS_TOKEN: usize = 4096;

/// Why a proof could not be made.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofError {
    /// The audience contains a character that a header cannot.
    Audience,
    /// The cluster's name is empty, or contains a character that a header cannot.
    Cluster,
    /// The endpoint is not an https URL of STS. Recipients would refuse the proof.
    Endpoint,
    /// The name of the host, cache or cluster is not a valid host name.
    Host,
    /// The server's id contains a character that a header cannot.
    ServerId,
    /// The request cannot be signed.
    Sign(Problem),
    /// The token is too long for the cluster.
    TooLong {
        /// Length of the token, in bytes.
        length: usize,
        /// Length of the session token in it, in characters.
        session_token: usize,
    },
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => f.write_str("the cluster's name is empty, or holds a character that a header cannot"),
            Self::Audience => f.write_str("the audience holds a character that a header cannot"),
            Self::Endpoint => f.write_str("the endpoint is not an https URL of STS, and the proof would be refused"),
            Self::Host => f.write_str("the host is not a host name"),
            Self::ServerId => f.write_str("the server's id holds a character that a header cannot"),
            Self::Sign(problem) => write!(f, "the request could not be signed: {problem}"),
            Self::TooLong { length, session_token } => write!(
                f,
                "the EKS token would have {length} bytes, and clusters take at most {MAX_EKS_TOKEN}: the session token, of {session_token} \
                 characters, is too long; use a role with fewer or shorter session tags and policies"
            ),
        }
    }
}

impl core::error::Error for ProofError {}

/// Why a token or login is refused: the rule that it violates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RefusedProof(pub(super) &'static str);

impl fmt::Display for RefusedProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the token is refused: {}", self.0)
    }
}

impl core::error::Error for RefusedProof {}

debug_in_words!(ProofError, RefusedProof);
