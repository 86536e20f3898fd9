// The types of `@aws-sdk/client-sts`, as far as this package has them.

/** Credentials to sign with. */
export interface AwsCredentialIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** The client asks a function for new credentials shortly before. */
  readonly expiration?: Date;
}

/** An endpoint in parts. */
export interface Endpoint {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
}

/** Settings of a client. */
export interface STSClientConfig {
  region?: string | (() => Promise<string>);
  credentials?: AwsCredentialIdentity | (() => Promise<AwsCredentialIdentity>);
  endpoint?: string | Endpoint | (() => Promise<string | Endpoint>) | { url: URL };
  maxAttempts?: number | (() => Promise<number>);
  retryMode?: string | (() => Promise<string>);
  useFipsEndpoint?: boolean | (() => Promise<boolean>);
  useDualstackEndpoint?: boolean | (() => Promise<boolean>);
  userAgentAppId?: string | (() => Promise<string | undefined>);
  /** Time limit of an attempt, in milliseconds. */
  requestHandler?: { requestTimeout?: number };
  /** The same. Only here. */
  requestTimeout?: number;
  /** Sends requests instead of the host's `fetch`, such as the `fetch` of a service binding. Only here. */
  fetch?: (url: string, options: RequestInit) => Promise<Response>;
}

/** Options of a call. */
export interface STSRequestOptions {
  abortSignal?: AbortSignal;
}

/** What is known about a response. */
export interface ResponseMetadata {
  httpStatusCode?: number;
  requestId?: string;
  extendedRequestId?: string;
  cfId?: string;
  attempts?: number;
  totalRetryDelay?: number;
}

export interface MetadataBearer {
  $metadata: ResponseMetadata;
}

export declare const WebIdentityTokenSubjectModeType: {
  readonly AWS_IDENTITY: "AWSIdentity";
  readonly ORIGIN_IDENTITY: "OriginIdentity";
};
export type WebIdentityTokenSubjectModeType =
  (typeof WebIdentityTokenSubjectModeType)[keyof typeof WebIdentityTokenSubjectModeType];

export interface AssumedRoleUser {
  AssumedRoleId: string | undefined;
  Arn: string | undefined;
}
export interface PolicyDescriptorType {
  arn?: string | undefined;
}
export interface ProvidedContext {
  ProviderArn?: string | undefined;
  ContextAssertion?: string | undefined;
}
export interface Tag {
  Key: string | undefined;
  Value: string | undefined;
}
export interface AssumeRoleRequest {
  RoleArn: string | undefined;
  RoleSessionName: string | undefined;
  PolicyArns?: PolicyDescriptorType[] | undefined;
  Policy?: string | undefined;
  DurationSeconds?: number | undefined;
  Tags?: Tag[] | undefined;
  TransitiveTagKeys?: string[] | undefined;
  ExternalId?: string | undefined;
  SerialNumber?: string | undefined;
  TokenCode?: string | undefined;
  SourceIdentity?: string | undefined;
  ProvidedContexts?: ProvidedContext[] | undefined;
  MinimumSessionTokenSize?: number | undefined;
}
export interface Credentials {
  AccessKeyId: string | undefined;
  SecretAccessKey: string | undefined;
  SessionToken: string | undefined;
  Expiration: Date | undefined;
}
export interface AssumeRoleResponse {
  Credentials?: Credentials | undefined;
  AssumedRoleUser?: AssumedRoleUser | undefined;
  PackedPolicySize?: number | undefined;
  SourceIdentity?: string | undefined;
  SessionTokenUtilization?: number | undefined;
  SessionTokenSize?: number | undefined;
}
export interface AssumeRoleWithSAMLRequest {
  RoleArn: string | undefined;
  PrincipalArn: string | undefined;
  SAMLAssertion: string | undefined;
  PolicyArns?: PolicyDescriptorType[] | undefined;
  Policy?: string | undefined;
  DurationSeconds?: number | undefined;
  MinimumSessionTokenSize?: number | undefined;
}
export interface OriginIdentity {
  Subject?: string | undefined;
  SubjectType?: string | undefined;
  Issuer?: string | undefined;
  FederatedProviderArn?: string | undefined;
}
export interface TransactionContext {
  IdentityProvider?: Record<string, string> | undefined;
}
export interface TrustedIdentityPropagationContext {
  OriginIdentity?: OriginIdentity | undefined;
  TransactionContext?: TransactionContext | undefined;
}
export interface AssumeRoleWithSAMLResponse {
  Credentials?: Credentials | undefined;
  AssumedRoleUser?: AssumedRoleUser | undefined;
  PackedPolicySize?: number | undefined;
  Subject?: string | undefined;
  SubjectType?: string | undefined;
  Issuer?: string | undefined;
  Audience?: string | undefined;
  NameQualifier?: string | undefined;
  SourceIdentity?: string | undefined;
  SessionTokenUtilization?: number | undefined;
  SessionTokenSize?: number | undefined;
  TrustedIdentityPropagationContext?: TrustedIdentityPropagationContext | undefined;
}
export interface AssumeRoleWithWebIdentityRequest {
  RoleArn: string | undefined;
  RoleSessionName: string | undefined;
  WebIdentityToken: string | undefined;
  ProviderId?: string | undefined;
  PolicyArns?: PolicyDescriptorType[] | undefined;
  Policy?: string | undefined;
  DurationSeconds?: number | undefined;
  MinimumSessionTokenSize?: number | undefined;
}
export interface AssumeRoleWithWebIdentityResponse {
  Credentials?: Credentials | undefined;
  SubjectFromWebIdentityToken?: string | undefined;
  AssumedRoleUser?: AssumedRoleUser | undefined;
  PackedPolicySize?: number | undefined;
  Provider?: string | undefined;
  Audience?: string | undefined;
  SourceIdentity?: string | undefined;
  SessionTokenUtilization?: number | undefined;
  SessionTokenSize?: number | undefined;
  TrustedIdentityPropagationContext?: TrustedIdentityPropagationContext | undefined;
}
export interface AssumeRootRequest {
  TargetPrincipal: string | undefined;
  TaskPolicyArn: PolicyDescriptorType | undefined;
  DurationSeconds?: number | undefined;
  MinimumSessionTokenSize?: number | undefined;
}
export interface AssumeRootResponse {
  Credentials?: Credentials | undefined;
  SourceIdentity?: string | undefined;
  SessionTokenUtilization?: number | undefined;
  SessionTokenSize?: number | undefined;
}
export interface DecodeAuthorizationMessageRequest {
  EncodedMessage: string | undefined;
}
export interface DecodeAuthorizationMessageResponse {
  DecodedMessage?: string | undefined;
}
export interface GetAccessKeyInfoRequest {
  AccessKeyId: string | undefined;
}
export interface GetAccessKeyInfoResponse {
  Account?: string | undefined;
}
export interface GetCallerIdentityRequest {}
export interface GetCallerIdentityResponse {
  UserId?: string | undefined;
  Account?: string | undefined;
  Arn?: string | undefined;
}
export interface GetDelegatedAccessTokenRequest {
  TradeInToken: string | undefined;
}
export interface GetDelegatedAccessTokenResponse {
  Credentials?: Credentials | undefined;
  PackedPolicySize?: number | undefined;
  AssumedPrincipal?: string | undefined;
}
export interface GetFederationTokenRequest {
  Name: string | undefined;
  Policy?: string | undefined;
  PolicyArns?: PolicyDescriptorType[] | undefined;
  DurationSeconds?: number | undefined;
  Tags?: Tag[] | undefined;
  MinimumSessionTokenSize?: number | undefined;
}
export interface FederatedUser {
  FederatedUserId: string | undefined;
  Arn: string | undefined;
}
export interface GetFederationTokenResponse {
  Credentials?: Credentials | undefined;
  FederatedUser?: FederatedUser | undefined;
  PackedPolicySize?: number | undefined;
  SessionTokenUtilization?: number | undefined;
  SessionTokenSize?: number | undefined;
}
export interface GetScopedCredentialsRequest {
  Policy?: string | undefined;
  DurationSeconds?: number | undefined;
  MinimumSessionTokenSize?: number | undefined;
  ScopedSessionDescription?: string | undefined;
}
export interface ScopedSession {
  ScopedSessionId: string | undefined;
  Arn: string | undefined;
}
export interface GetScopedCredentialsResponse {
  Credentials?: Credentials | undefined;
  SessionInfo?: ScopedSession | undefined;
  SessionTokenUtilization?: number | undefined;
  SessionTokenSize?: number | undefined;
  ScopedPoliciesCount?: number | undefined;
  SourceIdentity?: string | undefined;
}
export interface GetSessionTokenRequest {
  DurationSeconds?: number | undefined;
  SerialNumber?: string | undefined;
  TokenCode?: string | undefined;
  MinimumSessionTokenSize?: number | undefined;
}
export interface GetSessionTokenResponse {
  Credentials?: Credentials | undefined;
  SessionTokenUtilization?: number | undefined;
  SessionTokenSize?: number | undefined;
}
export interface GetWebIdentityTokenRequest {
  Audience: string[] | undefined;
  DurationSeconds?: number | undefined;
  SigningAlgorithm: string | undefined;
  Scope?: string | undefined;
  SubjectMode?: WebIdentityTokenSubjectModeType | undefined;
  Tags?: Tag[] | undefined;
}
export interface GetWebIdentityTokenResponse {
  WebIdentityToken?: string | undefined;
  Expiration?: Date | undefined;
}

export interface AssumeRoleCommandInput extends AssumeRoleRequest {}
export interface AssumeRoleCommandOutput extends AssumeRoleResponse, MetadataBearer {}
export interface AssumeRoleWithSAMLCommandInput extends AssumeRoleWithSAMLRequest {}
export interface AssumeRoleWithSAMLCommandOutput extends AssumeRoleWithSAMLResponse, MetadataBearer {}
export interface AssumeRoleWithWebIdentityCommandInput extends AssumeRoleWithWebIdentityRequest {}
export interface AssumeRoleWithWebIdentityCommandOutput extends AssumeRoleWithWebIdentityResponse, MetadataBearer {}
export interface AssumeRootCommandInput extends AssumeRootRequest {}
export interface AssumeRootCommandOutput extends AssumeRootResponse, MetadataBearer {}
export interface DecodeAuthorizationMessageCommandInput extends DecodeAuthorizationMessageRequest {}
export interface DecodeAuthorizationMessageCommandOutput extends DecodeAuthorizationMessageResponse, MetadataBearer {}
export interface GetAccessKeyInfoCommandInput extends GetAccessKeyInfoRequest {}
export interface GetAccessKeyInfoCommandOutput extends GetAccessKeyInfoResponse, MetadataBearer {}
export interface GetCallerIdentityCommandInput extends GetCallerIdentityRequest {}
export interface GetCallerIdentityCommandOutput extends GetCallerIdentityResponse, MetadataBearer {}
export interface GetDelegatedAccessTokenCommandInput extends GetDelegatedAccessTokenRequest {}
export interface GetDelegatedAccessTokenCommandOutput extends GetDelegatedAccessTokenResponse, MetadataBearer {}
export interface GetFederationTokenCommandInput extends GetFederationTokenRequest {}
export interface GetFederationTokenCommandOutput extends GetFederationTokenResponse, MetadataBearer {}
export interface GetScopedCredentialsCommandInput extends GetScopedCredentialsRequest {}
export interface GetScopedCredentialsCommandOutput extends GetScopedCredentialsResponse, MetadataBearer {}
export interface GetSessionTokenCommandInput extends GetSessionTokenRequest {}
export interface GetSessionTokenCommandOutput extends GetSessionTokenResponse, MetadataBearer {}
export interface GetWebIdentityTokenCommandInput extends GetWebIdentityTokenRequest {}
export interface GetWebIdentityTokenCommandOutput extends GetWebIdentityTokenResponse, MetadataBearer {}

/** A call that a client sends. */
export declare class $Command<Input extends object, Output extends MetadataBearer> {
  readonly input: Input;
  protected readonly output?: Output;
}
export declare class AssumeRoleCommand extends $Command<AssumeRoleCommandInput, AssumeRoleCommandOutput> {
  constructor(input: AssumeRoleCommandInput);
}
export declare class AssumeRoleWithSAMLCommand extends $Command<AssumeRoleWithSAMLCommandInput, AssumeRoleWithSAMLCommandOutput> {
  constructor(input: AssumeRoleWithSAMLCommandInput);
}
export declare class AssumeRoleWithWebIdentityCommand extends $Command<AssumeRoleWithWebIdentityCommandInput, AssumeRoleWithWebIdentityCommandOutput> {
  constructor(input: AssumeRoleWithWebIdentityCommandInput);
}
export declare class AssumeRootCommand extends $Command<AssumeRootCommandInput, AssumeRootCommandOutput> {
  constructor(input: AssumeRootCommandInput);
}
export declare class DecodeAuthorizationMessageCommand extends $Command<DecodeAuthorizationMessageCommandInput, DecodeAuthorizationMessageCommandOutput> {
  constructor(input: DecodeAuthorizationMessageCommandInput);
}
export declare class GetAccessKeyInfoCommand extends $Command<GetAccessKeyInfoCommandInput, GetAccessKeyInfoCommandOutput> {
  constructor(input: GetAccessKeyInfoCommandInput);
}
export declare class GetCallerIdentityCommand extends $Command<GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput> {
  constructor(input?: GetCallerIdentityCommandInput);
}
export declare class GetDelegatedAccessTokenCommand extends $Command<GetDelegatedAccessTokenCommandInput, GetDelegatedAccessTokenCommandOutput> {
  constructor(input: GetDelegatedAccessTokenCommandInput);
}
export declare class GetFederationTokenCommand extends $Command<GetFederationTokenCommandInput, GetFederationTokenCommandOutput> {
  constructor(input: GetFederationTokenCommandInput);
}
export declare class GetScopedCredentialsCommand extends $Command<GetScopedCredentialsCommandInput, GetScopedCredentialsCommandOutput> {
  constructor(input?: GetScopedCredentialsCommandInput);
}
export declare class GetSessionTokenCommand extends $Command<GetSessionTokenCommandInput, GetSessionTokenCommandOutput> {
  constructor(input?: GetSessionTokenCommandInput);
}
export declare class GetWebIdentityTokenCommand extends $Command<GetWebIdentityTokenCommandInput, GetWebIdentityTokenCommandOutput> {
  constructor(input: GetWebIdentityTokenCommandInput);
}

export declare class STSClient {
  /** The settings. Region, credentials and attempts are functions. */
  readonly config: any;
  constructor(config?: STSClientConfig);
  send<Input extends object, Output extends MetadataBearer>(
    command: $Command<Input, Output>,
    options?: STSRequestOptions,
  ): Promise<Output>;
  send<Input extends object, Output extends MetadataBearer>(
    command: $Command<Input, Output>,
    callback: (error: any, data?: Output) => void,
  ): void;
  send<Input extends object, Output extends MetadataBearer>(
    command: $Command<Input, Output>,
    options: STSRequestOptions,
    callback: (error: any, data?: Output) => void,
  ): void;
  /** Closes idle connections. */
  destroy(): void;
}

/** A client with a method for each operation. */
export declare class STS extends STSClient {
  assumeRole(input: AssumeRoleCommandInput, options?: STSRequestOptions): Promise<AssumeRoleCommandOutput>;
  assumeRole(input: AssumeRoleCommandInput, callback: (error: any, data?: AssumeRoleCommandOutput) => void): void;
  assumeRole(
    input: AssumeRoleCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: AssumeRoleCommandOutput) => void,
  ): void;
  assumeRoleWithSAML(input: AssumeRoleWithSAMLCommandInput, options?: STSRequestOptions): Promise<AssumeRoleWithSAMLCommandOutput>;
  assumeRoleWithSAML(input: AssumeRoleWithSAMLCommandInput, callback: (error: any, data?: AssumeRoleWithSAMLCommandOutput) => void): void;
  assumeRoleWithSAML(
    input: AssumeRoleWithSAMLCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: AssumeRoleWithSAMLCommandOutput) => void,
  ): void;
  assumeRoleWithWebIdentity(input: AssumeRoleWithWebIdentityCommandInput, options?: STSRequestOptions): Promise<AssumeRoleWithWebIdentityCommandOutput>;
  assumeRoleWithWebIdentity(input: AssumeRoleWithWebIdentityCommandInput, callback: (error: any, data?: AssumeRoleWithWebIdentityCommandOutput) => void): void;
  assumeRoleWithWebIdentity(
    input: AssumeRoleWithWebIdentityCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: AssumeRoleWithWebIdentityCommandOutput) => void,
  ): void;
  assumeRoot(input: AssumeRootCommandInput, options?: STSRequestOptions): Promise<AssumeRootCommandOutput>;
  assumeRoot(input: AssumeRootCommandInput, callback: (error: any, data?: AssumeRootCommandOutput) => void): void;
  assumeRoot(
    input: AssumeRootCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: AssumeRootCommandOutput) => void,
  ): void;
  decodeAuthorizationMessage(input: DecodeAuthorizationMessageCommandInput, options?: STSRequestOptions): Promise<DecodeAuthorizationMessageCommandOutput>;
  decodeAuthorizationMessage(input: DecodeAuthorizationMessageCommandInput, callback: (error: any, data?: DecodeAuthorizationMessageCommandOutput) => void): void;
  decodeAuthorizationMessage(
    input: DecodeAuthorizationMessageCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: DecodeAuthorizationMessageCommandOutput) => void,
  ): void;
  getAccessKeyInfo(input: GetAccessKeyInfoCommandInput, options?: STSRequestOptions): Promise<GetAccessKeyInfoCommandOutput>;
  getAccessKeyInfo(input: GetAccessKeyInfoCommandInput, callback: (error: any, data?: GetAccessKeyInfoCommandOutput) => void): void;
  getAccessKeyInfo(
    input: GetAccessKeyInfoCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: GetAccessKeyInfoCommandOutput) => void,
  ): void;
  getCallerIdentity(): Promise<GetCallerIdentityCommandOutput>;
  getCallerIdentity(input: GetCallerIdentityCommandInput, options?: STSRequestOptions): Promise<GetCallerIdentityCommandOutput>;
  getCallerIdentity(input: GetCallerIdentityCommandInput, callback: (error: any, data?: GetCallerIdentityCommandOutput) => void): void;
  getCallerIdentity(
    input: GetCallerIdentityCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: GetCallerIdentityCommandOutput) => void,
  ): void;
  getDelegatedAccessToken(input: GetDelegatedAccessTokenCommandInput, options?: STSRequestOptions): Promise<GetDelegatedAccessTokenCommandOutput>;
  getDelegatedAccessToken(input: GetDelegatedAccessTokenCommandInput, callback: (error: any, data?: GetDelegatedAccessTokenCommandOutput) => void): void;
  getDelegatedAccessToken(
    input: GetDelegatedAccessTokenCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: GetDelegatedAccessTokenCommandOutput) => void,
  ): void;
  getFederationToken(input: GetFederationTokenCommandInput, options?: STSRequestOptions): Promise<GetFederationTokenCommandOutput>;
  getFederationToken(input: GetFederationTokenCommandInput, callback: (error: any, data?: GetFederationTokenCommandOutput) => void): void;
  getFederationToken(
    input: GetFederationTokenCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: GetFederationTokenCommandOutput) => void,
  ): void;
  getScopedCredentials(): Promise<GetScopedCredentialsCommandOutput>;
  getScopedCredentials(input: GetScopedCredentialsCommandInput, options?: STSRequestOptions): Promise<GetScopedCredentialsCommandOutput>;
  getScopedCredentials(input: GetScopedCredentialsCommandInput, callback: (error: any, data?: GetScopedCredentialsCommandOutput) => void): void;
  getScopedCredentials(
    input: GetScopedCredentialsCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: GetScopedCredentialsCommandOutput) => void,
  ): void;
  getSessionToken(): Promise<GetSessionTokenCommandOutput>;
  getSessionToken(input: GetSessionTokenCommandInput, options?: STSRequestOptions): Promise<GetSessionTokenCommandOutput>;
  getSessionToken(input: GetSessionTokenCommandInput, callback: (error: any, data?: GetSessionTokenCommandOutput) => void): void;
  getSessionToken(
    input: GetSessionTokenCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: GetSessionTokenCommandOutput) => void,
  ): void;
  getWebIdentityToken(input: GetWebIdentityTokenCommandInput, options?: STSRequestOptions): Promise<GetWebIdentityTokenCommandOutput>;
  getWebIdentityToken(input: GetWebIdentityTokenCommandInput, callback: (error: any, data?: GetWebIdentityTokenCommandOutput) => void): void;
  getWebIdentityToken(
    input: GetWebIdentityTokenCommandInput,
    options: STSRequestOptions,
    callback: (error: any, data?: GetWebIdentityTokenCommandOutput) => void,
  ): void;
}

/** A refusal of the service. */
export declare class STSServiceException extends Error {
  readonly $fault: "client" | "server";
  readonly $metadata: ResponseMetadata;
  constructor(options: {
    name: string;
    message?: string;
    $fault: "client" | "server";
    $metadata: ResponseMetadata;
  });
}
export declare class ExpiredTokenException extends STSServiceException {
  readonly name: "ExpiredTokenException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class ExpiredTradeInTokenException extends STSServiceException {
  readonly name: "ExpiredTradeInTokenException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class IDPCommunicationErrorException extends STSServiceException {
  readonly name: "IDPCommunicationErrorException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class IDPRejectedClaimException extends STSServiceException {
  readonly name: "IDPRejectedClaimException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class InsufficientSessionLifetimeException extends STSServiceException {
  readonly name: "InsufficientSessionLifetimeException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class InvalidAuthorizationMessageException extends STSServiceException {
  readonly name: "InvalidAuthorizationMessageException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class InvalidContextAssertionException extends STSServiceException {
  readonly name: "InvalidContextAssertionException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class InvalidIdentityTokenException extends STSServiceException {
  readonly name: "InvalidIdentityTokenException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class InvalidSubjectCredentialsException extends STSServiceException {
  readonly name: "InvalidSubjectCredentialsException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class JWTPayloadSizeExceededException extends STSServiceException {
  readonly name: "JWTPayloadSizeExceededException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class MalformedPolicyDocumentException extends STSServiceException {
  readonly name: "MalformedPolicyDocumentException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class OutboundWebIdentityFederationDisabledException extends STSServiceException {
  readonly name: "OutboundWebIdentityFederationDisabledException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class PackedPolicyTooLargeException extends STSServiceException {
  readonly name: "PackedPolicyTooLargeException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class RegionDisabledException extends STSServiceException {
  readonly name: "RegionDisabledException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
export declare class SessionDurationEscalationException extends STSServiceException {
  readonly name: "SessionDurationEscalationException";
  readonly $fault: "client";
  constructor(options: { message: string; $metadata: ResponseMetadata });
}
