//! What the targets are fed with and what they compare with, one noun a file.

pub mod attempt;
pub mod edit;
pub mod epoch;
pub mod ini;
pub mod play;
pub mod refusal;
pub mod role;
pub mod sample;
pub mod script;
pub mod search;
pub mod signer;
pub mod spelling;
pub mod tree;
pub mod url;

/// Whoever is refused something is told why.
pub fn is_told(error: impl std::fmt::Display) {
    assert!(!error.to_string().is_empty());
}
