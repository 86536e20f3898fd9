//! `sts eks-token`
//!
//! It does not work with `--local`, and neither do `vault-login` and `presign`: another program sends their output after this program and
//! its local STS have ended.

use clap::Args;
use serde_json::Value as Json;
use std::{env, sync::Arc};
use sts_blocking::{AssumeRole, core::proof};
use time::UtcDateTime;

use crate::{
    client::{connect, credentials_of},
    context::Context,
    failure::{self, Failure},
    output::{self, Format},
    timestamp,
    value::{Value, structure},
};

/// `aws eks get-token`
#[derive(Args)]
pub(crate) struct EksToken {
    /// Name of the cluster; this or --cluster-id is required
    #[arg(long, value_name = "NAME", required_unless_present = "cluster_id", conflicts_with = "cluster_id")]
    cluster_name: Option<String>,
    /// ID of a local cluster on AWS Outposts
    #[arg(long, value_name = "ID")]
    cluster_id: Option<String>,
    /// ARN of a role to assume first, which then signs the token
    // `aws eks update-kubeconfig` writes `--role`.
    #[arg(long, value_name = "ARN", alias = "role")]
    role_arn: Option<String>,
}

impl EksToken {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        if let Some(Format::Shell(shell)) = context.globals.output {
            return Err(shell.useless("eks-token"));
        }
        let format = context.format()?;
        // A custom endpoint is for this program's calls only. The cluster calls the token's URL, and accepts only the region's host.
        let config = context.environment()?.config_of_region()?;
        let (client, _) = connect(context)?;
        let credentials = match self.role_arn {
            Some(arn) => Arc::new(client.send(&AssumeRole::new(arn, "EKSGetTokenAuth"))?.output.credentials.into()),
            None => credentials_of(&client)?,
        };
        let cluster = self.cluster_name.or(self.cluster_id).unwrap_or_default();
        let token = proof::EksToken::new(&config, &credentials, &cluster, UtcDateTime::now())?;
        let credential = structure([
            ("kind", "ExecCredential".into()),
            ("apiVersion", api_version().into()),
            ("spec", structure([])),
            (
                "status",
                structure([
                    ("expirationTimestamp", Value::Text(timestamp::seconds(token.expiration) + "Z")),
                    ("token", token.token.expose().into()),
                ]),
            ),
        ]);
        context.print(format, credential, "get-token")?;
        // The AWS CLI prints an empty line at the end.
        output::print("\n")
    }
}

/// The API version that the calling Kubernetes client understands, by the AWS CLI's rules.
/// [Documentation](https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins)
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
