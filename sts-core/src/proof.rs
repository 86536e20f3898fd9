//! Proofs of identity: signed `GetCallerIdentity` requests that the recipient sends.
//!
//! The recipient sends the request to STS and learns the signer's identity, without seeing a secret key. Kubernetes clusters on EKS accept
//! a presigned URL as bearer token ([`EksToken`]). Vault accepts a signed POST request ([`VaultLogin`]). Google Cloud
//! ([`google_cloud_token`]) and Snowflake ([`snowflake_credential`]) exchange a signed request for their own tokens.
//!
//! Similarly, databases, caches and brokers accept presigned requests as passwords ([`ServiceToken`]).
//!
//! A `GetCallerIdentity` proof is valid for 15 minutes from its signing time, regardless of its `X-Amz-Expires`. The caller passes the
//! signing time; a clock correction that a client has learned is not applied.

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
