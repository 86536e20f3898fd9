//! The examples in each command's help, and the exit codes.

/// The examples and exit codes of a command.
pub(crate) fn of(command: &str) -> &'static str {
    EXAMPLES.iter().find(|(name, _)| *name == command).map_or("", |(_, text)| text)
}

/// Two examples for each command. Lines have at most 78 characters, so that a terminal does not wrap them.
const EXAMPLES: [(&str, &str); 25] = [
    (
        "sts",
        "\
Examples:
  Show who you are:
    sts whoami
  Run a program with a role's credentials:
    sts exec --role-arn arn:aws:iam::123456789012:role/demo -- terraform plan

Exit codes:
  0    success
  252  invalid command line or parameter
  253  missing or invalid configuration or credentials
  254  the service refused the request
  255  any other failure",
    ),
    (
        "assume-role",
        r#"Examples:
  Print credentials as JSON:
    sts assume-role --role-session-name me \
        --role-arn arn:aws:iam::123456789012:role/demo
  Set them in this shell, for 15 minutes and with a session tag:
    eval "$(sts assume-role --role-session-name me --output env \
        --role-arn arn:aws:iam::123456789012:role/demo \
        --duration-seconds 900 --tags Key=team,Value=blue)""#,
    ),
    (
        "assume-role-with-saml",
        r#"Examples:
  Read the assertion from a file:
    sts assume-role-with-saml --saml-assertion file://assertion.b64 \
        --role-arn arn:aws:iam::123456789012:role/demo \
        --principal-arn arn:aws:iam::123456789012:saml-provider/idp
  Set the credentials in this shell:
    eval "$(sts assume-role-with-saml --saml-assertion file://assertion.b64 \
        --role-arn arn:aws:iam::123456789012:role/demo --output env \
        --principal-arn arn:aws:iam::123456789012:saml-provider/idp)""#,
    ),
    (
        "assume-role-with-web-identity",
        r"Examples:
  Use the token of a CI job or a Kubernetes pod:
    sts assume-role-with-web-identity --web-identity-token file://token \
        --role-session-name ci --role-arn arn:aws:iam::123456789012:role/demo
  Print only the end of the session:
    sts assume-role-with-web-identity --web-identity-token file://token \
        --role-session-name ci --query Credentials.Expiration \
        --role-arn arn:aws:iam::123456789012:role/demo --output text",
    ),
    (
        "assume-root",
        r"Examples:
  Unlock an S3 bucket of a member account:
    sts assume-root --target-principal 123456789012 --task-policy-arn \
        arn=arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy
  Audit the root user's credentials, for five minutes:
    sts assume-root --target-principal 123456789012 --duration-seconds 300 \
        --task-policy-arn \
        arn=arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials",
    ),
    (
        "decode-authorization-message",
        r"Examples:
  Print the details as JSON text:
    sts decode-authorization-message --encoded-message file://message \
        --query DecodedMessage --output text
  Save them in a file:
    sts decode-authorization-message --encoded-message file://message \
        --query DecodedMessage --output text > details.json",
    ),
    (
        "get-access-key-info",
        r"Examples:
  Show the account:
    sts get-access-key-info --access-key-id AKIAIOSFODNN7EXAMPLE
  Print the account number alone:
    sts get-access-key-info --access-key-id AKIAIOSFODNN7EXAMPLE \
        --query Account --output text",
    ),
    (
        "get-caller-identity",
        r"Examples:
  Check that the credentials work:
    sts get-caller-identity
  Print the ARN of a profile's identity:
    sts get-caller-identity --profile demo --query Arn --output text",
    ),
    (
        "get-delegated-access-token",
        r#"Examples:
  Print credentials as JSON:
    sts get-delegated-access-token --trade-in-token file://token
  Set them in this shell:
    eval "$(sts get-delegated-access-token --trade-in-token file://token \
        --output env)""#,
    ),
    (
        "get-federation-token",
        r"Examples:
  Get credentials that can only list buckets:
    sts get-federation-token --name bob --policy file://policy.json
  Use a managed policy, for an hour:
    sts get-federation-token --name bob --duration-seconds 3600 \
        --policy-arns arn=arn:aws:iam::aws:policy/ReadOnlyAccess",
    ),
    (
        "get-scoped-credentials",
        r#"Examples:
  Restrict the current temporary credentials:
    sts get-scoped-credentials --policy file://policy.json
  Set credentials for 15 minutes in this shell:
    eval "$(sts get-scoped-credentials --duration-seconds 900 \
        --output env)""#,
    ),
    (
        "get-session-token",
        r#"Examples:
  Get credentials for 12 hours:
    sts get-session-token --duration-seconds 43200
  Use an MFA device, and set the credentials in this shell:
    eval "$(sts get-session-token --output env --token-code 123456 \
        --serial-number arn:aws:iam::123456789012:mfa/demo)""#,
    ),
    (
        "get-web-identity-token",
        r"Examples:
  Get a token for an external service:
    sts get-web-identity-token --signing-algorithm ES384 \
        --audience https://api.example.com
  Print the token alone, valid for five minutes:
    sts get-web-identity-token --signing-algorithm RS256 \
        --audience https://api.example.com --duration-seconds 300 \
        --query WebIdentityToken --output text",
    ),
    (
        "whoami",
        r"Examples:
  Show account, ARN, user ID and the source of the credentials:
    sts whoami
  Print the source alone:
    sts whoami --profile demo --query Source --output text",
    ),
    (
        "explain",
        r"Examples:
  Show where credentials, region and endpoint come from:
    sts explain
  The same for a profile and another region:
    sts explain --profile demo --region eu-west-1",
    ),
    (
        "exec",
        r"Examples:
  Run a program with the credentials of a profile:
    sts exec --profile demo -- env
  Assume a role first:
    sts exec --role-arn arn:aws:iam::123456789012:role/demo -- env",
    ),
    (
        "export",
        r#"Examples:
  Set the credentials of a profile in this shell:
    eval "$(sts export --profile demo)"
  The same in PowerShell:
    sts export --profile demo --format powershell | Invoke-Expression"#,
    ),
    (
        "credential-process",
        r"Examples:
  Print the credentials of a profile:
    sts credential-process --profile demo
  In ~/.aws/config, to assume a role for any AWS SDK:
    [profile deploy]
    credential_process = sts credential-process --profile p --role-arn ARN",
    ),
    (
        "eks-token",
        r"Examples:
  Print an ExecCredential for kubectl:
    sts eks-token --cluster-name demo --region eu-west-1
  Print the token alone, signed by a role:
    sts eks-token --cluster-name demo --query status.token --output text \
        --role-arn arn:aws:iam::123456789012:role/demo",
    ),
    (
        "eks",
        r"Examples:
  What kubectl runs, once a kubeconfig of aws eks update-kubeconfig has
  'command: sts' in place of 'command: aws':
    sts --region eu-west-1 eks get-token --cluster-name demo --output json
  Show the options of get-token:
    sts eks get-token help",
    ),
    (
        "vault-login",
        r"Examples:
  Log in to Vault:
    sts vault-login --role dev | vault write auth/aws/login -
  Log in to a Vault that requires a server ID:
    sts vault-login --role dev --server-id vault.example.com",
    ),
    (
        "presign",
        r#"Examples:
  Print a URL that proves your identity:
    sts presign
  What its recipient sees:
    curl "$(sts presign --expires-in 60)""#,
    ),
    (
        "local",
        r"Examples:
  Run it on any free port, and print how to call it:
    sts local
  Throttle the first two requests to a service whose clock is an hour ahead:
    sts local --port 8080 --fail Throttling Throttling --clock-offset 3600",
    ),
    (
        "completions",
        r"Examples:
  In ~/.bashrc (zsh is the same, in ~/.zshrc):
    source <(sts completions bash)
  In fish:
    sts completions fish > ~/.config/fish/completions/sts.fish",
    ),
    (
        "man",
        r"Examples:
  Read the page of a command:
    sts man assume-role | man -l -
  Install all pages:
    sts man --out-dir ~/.local/share/man/man1",
    ),
];
