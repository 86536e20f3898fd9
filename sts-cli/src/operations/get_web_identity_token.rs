use serde::Deserialize;
use sts_blocking::{GetWebIdentityToken as Operation, GetWebIdentityTokenOutput};

use crate::{
    member::{Items, Missing, Text, all},
    operation::{OperationArgs, With},
    shapes::Tag,
    value::{Value, structure},
};

#[derive(clap::Args, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct GetWebIdentityToken {
    /// Intended recipients of the token (required)
    #[arg(long, value_name = "NAME", num_args = 1..)]
    audience: Option<Vec<Items<Text>>>,
    /// Lifetime of the token: 60 to 3600
    #[arg(long, value_name = "SECONDS")]
    duration_seconds: Option<u32>,
    /// Signing algorithm: RS256 or ES384 (required)
    #[arg(long, value_name = "ALGORITHM")]
    signing_algorithm: Option<Text>,
    /// OAuth 2.0 scopes of the token, separated by spaces; requires --subject-mode OriginIdentity
    #[arg(long, value_name = "VALUES")]
    scope: Option<Text>,
    /// Subject of the token: AWSIdentity (the caller) or OriginIdentity (the identity that the caller's session acts for)
    #[arg(long, value_name = "MODE")]
    subject_mode: Option<Text>,
    /// Claims to add to the token: Key=KEY,Value=VALUE ..., or JSON
    #[arg(long, value_name = "Key=KEY,Value=VALUE", num_args = 1..)]
    tags: Option<Vec<Items<Tag>>>,
}

impl OperationArgs for GetWebIdentityToken {
    type Operation = Operation<'static>;

    fn operation(self) -> Result<Self::Operation, Missing> {
        let given =
            [("--audience", self.audience.is_some()), ("--signing-algorithm", self.signing_algorithm.is_some())];
        let members = self.audience.zip(self.signing_algorithm);
        let (audience, signing_algorithm) = members.ok_or_else(|| Missing::among(given))?;
        Ok(Operation::new(all::<Text, Text>(audience), signing_algorithm)
            .with(self.duration_seconds, Operation::duration_seconds)
            .with(self.scope, Operation::scope)
            .with(self.subject_mode, Operation::subject_mode)
            .with(self.tags, |operation, tags| operation.tags(all::<Tag, Tag>(tags))))
    }

    fn output(output: &GetWebIdentityTokenOutput) -> Value {
        structure([
            ("WebIdentityToken", output.web_identity_token.expose().into()),
            ("Expiration", output.expiration.into()),
        ])
    }
}
