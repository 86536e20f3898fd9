//! Commands that print a proof of identity: a signed `GetCallerIdentity` that somebody else sends to STS.
//!
//! None works with `--local`: what is sent later finds an STS that ended with the program.

use clap::Args;
use serde_json::Value as Json;
use std::{env, sync::Arc, time::Duration};
use sts_blocking::{
    AssumeRole, Credentials,
    error::Problem,
    identity_proof::{self, presigned_get_caller_identity},
};
use time::UtcDateTime;

use crate::{
    failure::{self, Failure},
    globals::Globals,
    output::{self, Format, Value, structure},
    watch::Client,
};

/// `aws eks get-token`
#[derive(Args)]
pub(crate) struct EksToken {
    /// Name of the cluster (this or --cluster-id is required)
    #[arg(long, value_name = "NAME", required_unless_present = "cluster_id", conflicts_with = "cluster_id")]
    cluster_name: Option<String>,
    /// Id of the cluster, for a local cluster on AWS Outposts
    #[arg(long, value_name = "ID")]
    cluster_id: Option<String>,
    /// Role to assume first, whose credentials then sign the token
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
}

impl EksToken {
    pub(crate) fn run(self, globals: &Globals) -> Result<(), Failure> {
        if let Some(Format::Shell(shell)) = globals.output() {
            return Err(shell.useless("eks-token"));
        }
        let format = globals.format()?;
        // A custom endpoint is where this program's calls go. The token's URL is called by the cluster, which refuses others than
        // the region's.
        let config = globals.environment()?.config_of_region()?;
        let (client, _) = globals.connect()?;
        let credentials = match self.role_arn {
            Some(arn) => Arc::new(client.send(&AssumeRole::new(arn, "EKSGetTokenAuth"))?.output.credentials.into()),
            None => found(&client)?,
        };
        let cluster = self.cluster_name.or(self.cluster_id).unwrap_or_default();
        let token = identity_proof::EksToken::new(&config, &credentials, &cluster, UtcDateTime::now())?;
        let credential = structure([
            ("kind", "ExecCredential".into()),
            ("apiVersion", api_version().into()),
            ("spec", structure([])),
            (
                "status",
                structure([
                    ("expirationTimestamp", Value::Text(output::seconds(token.expiration) + "Z")),
                    ("token", token.token.expose().into()),
                ]),
            ),
        ]);
        globals.print(format, credential, "get-token")?;
        // The AWS CLI ends with an empty line.
        output::print("\n")
    }
}

/// What the [Kubernetes client](https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins)
/// that has started the program understands, by the AWS CLI's rules.
fn api_version() -> &'static str {
    const V1ALPHA1: &str = "client.authentication.k8s.io/v1alpha1";
    const V1BETA1: &str = "client.authentication.k8s.io/v1beta1";
    const V1: &str = "client.authentication.k8s.io/v1";
    let info = env::var_os("KUBERNETES_EXEC_INFO").unwrap_or_default();
    if info.is_empty() {
        return V1BETA1;
    }
    let info: Result<Json, _> = serde_json::from_slice(info.as_encoded_bytes());
    let asked = info.as_ref().map(|info| info.get("apiVersion").and_then(Json::as_str));
    let (version, warning) = match asked {
        Ok(Some(V1)) => return V1,
        Ok(Some(V1BETA1)) => return V1BETA1,
        Ok(Some(V1ALPHA1)) => (
            V1ALPHA1,
            format!(
                "Kubeconfig user entry is using deprecated API version {V1ALPHA1}. Set its apiVersion to {V1BETA1}."
            ),
        ),
        Ok(_) => (V1BETA1, format!("Unrecognized API version in KUBERNETES_EXEC_INFO, defaulting to {V1BETA1}.")),
        Err(_) => (
            V1BETA1,
            format!(
                "Error parsing KUBERNETES_EXEC_INFO, defaulting to {V1BETA1}. This is likely a bug in your Kubernetes client. \
                 Please update your Kubernetes client."
            ),
        ),
    };
    failure::warn(&(warning + "\n"));
    version
}

#[derive(Args)]
pub(crate) struct VaultLogin {
    /// Role of Vault to log in to; the caller's name if not given
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// What Vault's iam_server_id_header_value is set to, if it is
    #[arg(long, value_name = "VALUE")]
    server_id: Option<String>,
}

impl VaultLogin {
    pub(crate) fn run(self, globals: &Globals) -> Result<(), Failure> {
        let (config, credentials) = (globals.environment()?.config()?, found(&globals.connect()?.0)?);
        let login =
            identity_proof::VaultLogin::new(&config, &credentials, self.server_id.as_deref(), UtcDateTime::now())?;
        output::print(&format!("{}\n", login.to_json(self.role.as_deref()).expose()))
    }
}

#[derive(Args)]
pub(crate) struct Presign {
    /// How long the URL says that it lives; STS refuses it after 15 minutes, whatever it says
    #[arg(long, value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u32).range(1..=604_800))]
    expires_in: u32,
}

impl Presign {
    pub(crate) fn run(self, globals: &Globals) -> Result<(), Failure> {
        let (config, credentials) = (globals.environment()?.config()?, found(&globals.connect()?.0)?);
        let expires = Duration::from_secs(self.expires_in.into());
        let url = presigned_get_caller_identity(&config, &credentials, expires, UtcDateTime::now());
        output::print(&format!("{}\n", url.map_err(|problem| Failure::from(&problem))?))
    }
}

/// What a client signs with.
pub(crate) fn found(client: &Client) -> Result<Arc<Credentials>, Failure> {
    client.find_credentials()?.ok_or_else(|| (&Problem::NoCredentials).into())
}
