// What depends on the API's model: names. The members are in `src/npm/model.rs`.

export const OPERATIONS = [
  "AssumeRole",
  "AssumeRoleWithSAML",
  "AssumeRoleWithWebIdentity",
  "AssumeRoot",
  "DecodeAuthorizationMessage",
  "GetAccessKeyInfo",
  "GetCallerIdentity",
  "GetDelegatedAccessToken",
  "GetFederationToken",
  "GetScopedCredentials",
  "GetSessionToken",
  "GetWebIdentityToken",
];

// The error codes that have a class of their own.
export const CODES = [
  "ExpiredTokenException",
  "ExpiredTradeInTokenException",
  "IDPCommunicationError",
  "IDPRejectedClaim",
  "InsufficientSessionLifetime",
  "InvalidAuthorizationMessageException",
  "InvalidContextAssertion",
  "InvalidIdentityToken",
  "InvalidSubjectCredentials",
  "JWTPayloadSizeExceededException",
  "MalformedPolicyDocument",
  "OutboundWebIdentityFederationDisabledException",
  "PackedPolicyTooLarge",
  "RegionDisabledException",
  "SessionDurationEscalationException",
];

export const WebIdentityTokenSubjectModeType = { AWS_IDENTITY: "AWSIdentity", ORIGIN_IDENTITY: "OriginIdentity" };
