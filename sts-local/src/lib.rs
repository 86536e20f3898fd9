//! An AWS Security Token Service (STS) that runs in the process, for tests and demos.
//!
//! [`LocalSts::handle`] turns a request into a response, at a time that you pass. It uses no sockets, clocks or random numbers. It verifies
//! signatures and accepts the credentials that it issues, so role chaining works. [`LocalSts::serve`] runs it on a listener on the loopback
//! interface.
//!
//! ```
//! use sts_core::{AssumeRole, Client, Config, Step};
//! use sts_local::{DEMO_ROLE_ARN, LocalSts};
//! use time::macros::utc_datetime;
//!
//! let sts = LocalSts::demo();
//! let client = Client::new(Config::builder().region("us-east-1").build()?, 7);
//! let credentials = LocalSts::demo_credentials();
//! let operation = AssumeRole::new(DEMO_ROLE_ARN, "test").duration_seconds(900);
//!
//! let now = utc_datetime!(2026-11-23 03:00);
//! let step = client.call(&operation, Some(&credentials), now);
//! let Step::Transmit(transmit, call) = step else { panic!("nothing to send") };
//! let response = sts.handle(transmit.request, now);
//! let Step::Done(reply) = call.receive(Ok(response), now) else { panic!("not done") };
//! let output = reply?.output;
//! assert_eq!(output.assumed_role_user.unwrap().arn, "arn:aws:sts::123456789012:assumed-role/demo/test");
//! assert_eq!(output.credentials.expiration, utc_datetime!(2026-11-23 03:15));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does
//! - It supports all operations of STS in any region, as POST or GET, signed in a header or presigned. It checks the constraints of
//!   members, and returns the error codes, statuses and messages of STS.
//! - It has one account with [users](LocalSts::user) and [roles](LocalSts::role). A user can call every operation, a session the
//!   [operations that AWS allows](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html). A role decides
//!   who can assume it. The syntax of session policies and tags is checked, but they have no effect.
//! - It accepts tokens of [web identity providers](LocalSts::web_identity_provider), and assertions of every SAML provider. As with AWS,
//!   an assertion must name the role together with the provider. For `AssumeRoot`, every account is a member of the organization.
//! - It accepts trade-in tokens that you create yourself: a JSON Web Token with a role's ARN as `sub`, and with `exp`.
//! - It decodes [authorization messages](LocalSts::authorization_message) that it has encoded.
//! - It answers [browsers](LocalSts::cors), with the CORS headers of AWS.
//! - It stores no sessions: as with AWS, a session token carries its session. Issuing more tokens uses no more memory.
//!
//! # What it is not
//! **Not a security boundary.** Keys, secrets and tokens are derived from a [seed](LocalSts::seed), so that tests are repeatable.
//! Signatures of web identity tokens, trade-in tokens and SAML assertions are not checked, and the web identity tokens that it issues have
//! no valid signature. It does not simulate IAM: policies are not evaluated.
//!
//! # Errors on purpose
//! | error | how to get it |
//! |---|---|
//! | `AccessDenied` | assume a role that does not exist, does not [trust](Role::trust) the caller or requires an [external id](Role::external_id); call `GetSessionToken` or `GetFederationToken` with temporary credentials; call `GetScopedCredentials` with a fourth policy; use the `TokenCode` `000000` |
//! | `ExpiredToken` | use issued credentials [after their end](#expired-credentials) |
//! | `ExpiredTokenException` | present a web identity token whose `exp` has passed, or a SAML assertion whose `NotOnOrAfter` has passed |
//! | `ExpiredTradeInTokenException` | present a trade-in token whose `exp` has passed |
//! | `IDPRejectedClaim` | present a SAML response whose `StatusCode` is not `Success` |
//! | `InsufficientSessionLifetime` | ask for scoped credentials that outlive the caller's |
//! | `InvalidAuthorizationMessageException` | decode a message that [`authorization_message`](LocalSts::authorization_message) has not encoded |
//! | `InvalidClientTokenId` | use an unknown access key, or the token of another session |
//! | `InvalidIdentityToken` | present a token that is not a JWT, lacks a claim, or comes from an unknown provider; present a SAML response that is not XML or lacks a `RoleSessionName` |
//! | `InvalidParameterValue` | repeat the key of a tag, or name a transitive key without a tag |
//! | `InvalidSubjectCredentials` | ask for scoped credentials with the access key of a user |
//! | `JWTPayloadSizeExceededException` | ask for a web identity token with more than 8192 bytes of claims |
//! | `MalformedPolicyDocument` | send a `Policy` that is not JSON |
//! | `PackedPolicyTooLarge` | send policies and tags of more than 4096 bytes in total |
//! | `SessionDurationEscalationException` | ask with temporary credentials for a web identity token that outlives them |
//! | `SignatureDoesNotMatch` | sign with a wrong secret, or with a clock that is more than 15 minutes wrong ([`clock_offset`](LocalSts::clock_offset)) |
//! | `ValidationError` | violate the constraint of a member; chain roles for more than an hour; exceed [`Role::max_session_duration`]; ask for a web identity token for an `OriginIdentity`, which no session has here |
//! | `IDPCommunicationError`, `InvalidContextAssertion`, `OutboundWebIdentityFederationDisabledException`, `RegionDisabledException`, and any other | [`fail`](LocalSts::fail) |
//!
//! # Expired credentials
//! With [`handle`](LocalSts::handle), pass a later time. A listener uses the system's clock: move its clock ahead for every request. After
//! one refusal, the client corrects its own clock, and one-hour credentials are then expired. [`Fault::Clock`] for a single request does
//! not work, since the client corrects its clock back with the next one.
//!
//! ```
//! use sts_core::ErrorCode;
//! use sts_blocking::{AssumeRole, Client, Config, GetCallerIdentity};
//! use sts_local::{DEMO_ROLE_ARN, Fault, LocalSts, Script};
//! use time::SignedDuration;
//!
//! let listener = LocalSts::demo().serve(0)?;
//! let client = Client::builder()
//!     .config(Config::builder().region("us-east-1").endpoint_url(listener.url()))
//!     .credentials(LocalSts::demo_credentials())
//!     .build()?;
//! let session = client.send(&AssumeRole::new(DEMO_ROLE_ARN, "test"))?.output.credentials;
//! let client = client.with_credentials(session);
//!
//! listener.sts().fail(Script::every(1, [Fault::Clock(SignedDuration::hours(2))]));
//! let error = client.send(&GetCallerIdentity::new()).unwrap_err();
//! assert_eq!(error.code(), Some(&ErrorCode::ExpiredToken));
//!
//! listener.sts().recover();
//! assert!(client.send(&GetCallerIdentity::new()).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # See the requests
//! A [`Listener`] counts requests. To inspect them, use [`LocalSts::handle`] as the transport of a client, in a closure that looks at each
//! request first. It needs no socket: see `examples/in_process.rs`.
//!
//! # A failing network
//! [`fail`](LocalSts::fail) can also reset connections, or truncate or slow down responses: see [`Fault`]. This example tests how a program
//! handles throttling by STS. It works with any client:
//!
//! ```
//! use sts_core::ErrorCode;
//! use sts_local::{LocalSts, Script};
//!
//! let listener = LocalSts::demo().serve(0)?;
//! listener.sts().fail(Script::next([ErrorCode::Throttling, ErrorCode::Throttling]).of("GetCallerIdentity"));
//!
//! let account = your_program(&listener.url())?;
//! assert_eq!(account, "123456789012");
//! assert_eq!(listener.requests(), 3, "two were throttled");
//!
//! fn your_program(endpoint: &str) -> Result<String, Box<dyn std::error::Error>> {
//!     let config = sts_blocking::Config::builder().region("us-east-1").endpoint_url(endpoint);
//!     let client =
//!         sts_blocking::Client::builder().config(config).credentials(LocalSts::demo_credentials()).build()?;
//!     Ok(client.send(&sts_blocking::GetCallerIdentity::new())?.output.account)
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// docs.rs shows which items need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod answer;
mod call;
mod cors;
mod fault;
mod form;
mod jwt;
mod listener;
mod mint;
mod operations;
mod saml;
mod service;
mod session;

pub use account::Role;
pub use fault::{Fault, Script, Wire};
pub use listener::Listener;
pub use service::{DEMO_ROLE_ARN, LocalSts};
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
