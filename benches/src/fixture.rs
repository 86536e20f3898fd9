//! One `AssumeRole` with a policy, tags and long tokens: larger than most calls.

use sts_core::{AssumeRole, Config, Credentials, Tag};
use time::{UtcDateTime, macros::utc_datetime};

/// The time of the call.
pub const NOW: UtcDateTime = utc_datetime!(2026-11-23 03:00);

/// A form of 1,425 bytes with this [`policy`].
pub fn assume_role(policy: &str) -> AssumeRole<'_> {
    AssumeRole::new(ROLE, SESSION)
        .external_id(EXTERNAL_ID)
        .duration_seconds(3600)
        .policy(policy)
        .tags(TAGS.map(|(key, value)| Tag::new(key, value)))
        .transitive_tag_keys(TRANSITIVE)
}

/// The role to assume.
pub const ROLE: &str = "arn:aws:iam::123456789012:role/deployment-pipeline-of-the-platform-engineering";
/// The name of the session.
pub const SESSION: &str = "build-4711";
/// The external ID of the role.
pub const EXTERNAL_ID: &str = "b6f0a8d2";
/// The tags of the session.
pub const TAGS: [(&str, &str); 3] = [("Project", "Andromeda"), ("Team", "Platform"), ("CostCenter", "12345")];
/// The transitive tags, which pass on to the next role.
pub const TRANSITIVE: [&str; 2] = ["Project", "CostCenter"];

/// A policy of 600 bytes.
pub fn policy() -> String {
    let statement = r#"{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::example-bucket/pipeline/*"}"#;
    format!(r#"{{"Version": "2012-10-17","Statement": [{}]}}"#, [statement; 5].join(","))
}

/// Temporary credentials.
pub fn credentials() -> Credentials {
    Credentials::new("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").session_token(token())
}

/// The configuration for an AWS region.
pub fn config() -> Config {
    Config::builder().region("us-east-1").build().expect("a region is enough")
}

/// A session token of 1,000 characters.
pub fn token() -> String {
    "FwoGZXIvYXdzEXAMPLE/+=".chars().cycle().take(1000).collect()
}

/// A response of 1,835 bytes.
pub fn response() -> Vec<u8> {
    let token = token();
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <AssumeRoleResult>\n    <AssumedRoleUser>\n      \
         <AssumedRoleId>AROA3XFRBF535PLBIFPI4:build-4711</AssumedRoleId>\n      \
         <Arn>arn:aws:sts::123456789012:assumed-role/deployment-pipeline-of-the-platform-engineering/build-4711</Arn>\n    </AssumedRoleUser>\n    <Credentials>\n      \
         <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>\n      \
         <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY</SecretAccessKey>\n      <SessionToken>{token}</SessionToken>\n      \
         <Expiration>2026-11-23T04:00:00Z</Expiration>\n    </Credentials>\n    <PackedPolicySize>6</PackedPolicySize>\n    \
         <SessionTokenUtilization>12</SessionTokenUtilization>\n  \
         </AssumeRoleResult>\n  <ResponseMetadata>\n    <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>\n  \
         </ResponseMetadata>\n</AssumeRoleResponse>\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sts_core::Operation;

    #[test]
    fn sizes() {
        let policy = policy();
        assert_eq!(policy.len(), 600);
        assert_eq!(token().len(), 1000);
        assert_eq!(assume_role(&policy).to_body().unwrap().expose().len(), 1425);
        assert_eq!(response().len(), 1835);
    }
}
