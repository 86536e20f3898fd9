//! `sts eks get-token`, a form of `eks-token` for kubeconfig files of the AWS CLI's `aws eks update-kubeconfig`.

use clap::{Args, Subcommand};

use super::eks_token::EksToken;
use crate::{context::Context, examples, failure::Failure};

/// The AWS CLI's group of commands.
#[derive(Args)]
pub(crate) struct Eks {
    #[command(subcommand)]
    command: EksCommand,
}

#[derive(Subcommand)]
enum EksCommand {
    /// Get a token for an Amazon EKS cluster
    #[command(after_help = examples::of("eks-token"))]
    GetToken(EksToken),
}

impl Eks {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        let EksCommand::GetToken(token) = self.command;
        token.run(context)
    }
}
