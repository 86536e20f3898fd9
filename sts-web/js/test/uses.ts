// Uses of the package that are also uses of `@aws-sdk/client-sts`: both tsconfig files compile this.
import {
  AssumeRoleCommand,
  AssumeRoleCommandInput,
  AssumeRoleCommandOutput,
  AssumeRoleWithWebIdentityCommand,
  Credentials,
  ExpiredTokenException,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  GetWebIdentityTokenCommand,
  STS,
  STSClient,
  STSClientConfig,
  STSServiceException,
} from "sts";

const config: STSClientConfig = { region: "us-west-2", maxAttempts: 3 };
const client = new STSClient({
  ...config,
  endpoint: "http://127.0.0.1:4566",
  credentials: async () => ({ accessKeyId: "a", secretAccessKey: "b", sessionToken: "c", expiration: new Date() }),
});
new STSClient({});
new STSClient({ region: async () => "us-west-2", credentials: { accessKeyId: "a", secretAccessKey: "b" } });

export async function role(): Promise<Credentials | undefined> {
  const input: AssumeRoleCommandInput = {
    RoleArn: "arn:aws:iam::123456789012:role/demo",
    RoleSessionName: "me",
    Tags: [{ Key: "team", Value: "a" }],
    PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
    TransitiveTagKeys: ["team"],
    DurationSeconds: 900,
  };
  const output: AssumeRoleCommandOutput = await client.send(new AssumeRoleCommand(input));
  const expiration: Date | undefined = output.Credentials?.Expiration;
  const { requestId, cfId, extendedRequestId, httpStatusCode, attempts, totalRetryDelay } = output.$metadata;
  console.log(expiration?.getTime(), requestId, cfId, extendedRequestId, httpStatusCode, attempts, totalRetryDelay);
  const size: number | undefined = output.PackedPolicySize;
  const arn: string | undefined = output.AssumedRoleUser?.Arn;
  console.log(size, arn);
  return output.Credentials;
}

export async function errors(): Promise<void> {
  try {
    await client.send(new GetCallerIdentityCommand(), { abortSignal: new AbortController().signal });
    await client.send(new GetSessionTokenCommand({ DurationSeconds: 3600 }));
    await client.send(new GetFederationTokenCommand({ Name: "Bob" }));
    await client.send(new GetWebIdentityTokenCommand({ Audience: ["a"], SigningAlgorithm: "ES384" }));
  } catch (error) {
    if (error instanceof ExpiredTokenException) {
      const fault: "client" = error.$fault;
      console.log(error.name === "ExpiredTokenException", fault);
    } else if (error instanceof STSServiceException) {
      const { requestId } = error.$metadata;
      console.log(error.name, error.message, error.$fault, requestId);
    }
  }
}

client.send(new GetCallerIdentityCommand({}), (error, data) => console.log(error, data?.Arn));
client.send(new GetCallerIdentityCommand({}), {}, (error: unknown, data) => console.log(error, data?.Account));

const sts = new STS({ region: "us-west-2" });
sts.getCallerIdentity().then(({ UserId }) => console.log(UserId));
sts.getCallerIdentity({}, (error: unknown, data) => console.log(error, data?.Arn));
sts.assumeRoleWithWebIdentity({ RoleArn: "a", RoleSessionName: "b", WebIdentityToken: "c" }).then(
  ({ Provider, SubjectFromWebIdentityToken }) => console.log(Provider, SubjectFromWebIdentityToken),
);
sts.destroy();

// @ts-expect-error A required member is missing.
new AssumeRoleCommand({ RoleArn: "a" });
// @ts-expect-error There is no such member.
new AssumeRoleWithWebIdentityCommand({ RoleArn: "a", RoleSessionName: "b", WebIdentityToken: "c", Other: 1 });
// @ts-expect-error A number is not text.
new GetFederationTokenCommand({ Name: 1 });
