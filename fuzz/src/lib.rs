//! The inputs and the second implementations of the fuzz targets, one noun per file.

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

/// Checks that an error has a text.
pub fn is_told(error: impl std::fmt::Display) {
    assert!(!error.to_string().is_empty());
}
