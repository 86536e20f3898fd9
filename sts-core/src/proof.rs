//! Proofs of an identity: signed `GetCallerIdentity` requests that somebody else sends.
//!
//! Whoever receives one sends it to STS and learns whose it is, without ever seeing a secret. Kubernetes clusters on EKS take a
//! presigned URL as a bearer token ([`EksToken`]), Vault takes a signed POST request ([`VaultLogin`]), and Google Cloud
//! ([`google_cloud_token`]) and Snowflake ([`snowflake_credential`]) exchange one for tokens of their own.
//!
//! Presigned requests to other services work in the same way, as passwords for databases, caches and brokers ([`ServiceToken`]).
//!
//! A proof lives 15 minutes from the time it is signed with, whatever it says itself. That time is an argument: a clock skew that
//! a client has learned is not applied, since nobody would notice.

mod attestation;
mod eks_token;
mod error;
mod presign;
mod service_token;
mod vault_login;

pub use attestation::{google_cloud_token, snowflake_credential};
pub use eks_token::{EksClaim, EksToken};
pub use error::{ProofError, RefusedProof};
pub use presign::presigned_get_caller_identity;
pub use service_token::{Service, ServiceToken};
pub use vault_login::VaultLogin;
