//! The commands that do more than one call, one file each.

mod completions;
mod credential_process;
mod eks;
mod eks_token;
mod exec;
pub(crate) mod explain;
mod export;
mod local;
mod man;
mod presign;
mod vault_login;
pub(crate) mod whoami;

pub(crate) use completions::Completions;
pub(crate) use credential_process::CredentialProcess;
pub(crate) use eks::Eks;
pub(crate) use eks_token::EksToken;
pub(crate) use exec::Exec;
pub(crate) use export::Export;
pub(crate) use local::Local;
pub(crate) use man::Man;
pub(crate) use presign::Presign;
pub(crate) use vault_login::VaultLogin;
