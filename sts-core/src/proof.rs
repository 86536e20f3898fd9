//! Proofs of an identity: signed `GetCallerIdentity` requests that somebody else sends.
//!
//! Whoever receives one sends it to STS and learns whose it is, without ever seeing a secret. Kubernetes clusters on EKS take a
//! presigned URL as a bearer token ([`EksToken`]), Vault takes a signed POST request ([`VaultLogin`]).
//!
//! A proof lives 15 minutes from the time it is signed with, whatever it says itself. That time is an argument: a clock skew that
//! a client has learned is not applied, since nobody would notice.

mod eks_token;
mod error;
mod presign;
mod vault_login;

pub use eks_token::{EksClaim, EksToken};
pub use error::{ProofError, RefusedProof};
pub use presign::presigned_get_caller_identity;
pub use vault_login::VaultLogin;
