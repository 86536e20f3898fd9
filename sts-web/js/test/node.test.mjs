// Node.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import * as sts from "sts-web";

import { behave, CREDENTIALS, EXPECTED, ROLE, startFront, startSts, TOKEN } from "./support.mjs";

let server, front;
before(async () => {
  server = await startSts();
  front = await startFront(server.url);
});
after(() => {
  front.stop();
  server.stop();
});
const client = (settings) => new sts.STSClient({ region: "us-west-2", endpoint: front.url, credentials: CREDENTIALS, ...settings });
const whoami = new sts.GetCallerIdentityCommand({});
const rejection = (promise) =>
  promise.then(
    () => assert.fail("no error"),
    (error) => error,
  );

test("behaves as on every host", async () => {
  assert.deepEqual(await behave(sts, front.url, CREDENTIALS, TOKEN), EXPECTED);
});

test("an aborted call closes its connection", async () => {
  const before = front.closed;
  front.faults = ["hang"];
  const controller = new AbortController();
  setTimeout(() => controller.abort(new TypeError("my reason")), 50);
  const error = await rejection(client().send(whoami, { abortSignal: controller.signal }));
  assert.deepEqual([error.name, error.message, error.cause.message], ["AbortError", "Request aborted", "my reason"]);
  while (front.closed === before) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal((await rejection(client().send(whoami, { abortSignal: AbortSignal.abort() }))).name, "AbortError");
});

test("a destroyed client connects anew", async () => {
  const own = client();
  await own.send(whoami);
  own.destroy();
  assert.equal((await own.send(whoami)).Account, "123456789012");
});

test("errors have a class, and the service's own keys", async () => {
  const error = await rejection(client().send(new sts.AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: "me", Policy: "{" })));
  assert.ok(error instanceof sts.MalformedPolicyDocumentException && error instanceof sts.STSServiceException);
  assert.equal(error.constructor.name, "MalformedPolicyDocumentException");
  const { name, message, Code, Type, $fault, $metadata } = error;
  assert.deepEqual(
    { name, message, Code, Type, $fault },
    {
      name: "MalformedPolicyDocumentException",
      message: "This policy contains invalid Json",
      Code: "MalformedPolicyDocument",
      Type: "Sender",
      $fault: "client",
    },
  );
  assert.equal($metadata.httpStatusCode, 400);
  assert.match($metadata.requestId, /^[0-9a-f-]{36}$/);
  const denied = await rejection(client().send(new sts.AssumeRoleCommand({ RoleArn: `${ROLE}x`, RoleSessionName: "me" })));
  assert.equal(denied.name, "AccessDenied");
  assert.equal(denied.constructor, sts.STSServiceException);
});

test("a lost connection has the code of Node's error", async () => {
  const error = await rejection(client({ endpoint: "http://127.0.0.1:1", maxAttempts: 2 }).send(whoami));
  assert.equal(error.code, "ECONNREFUSED");
  assert.equal(error.$metadata.attempts, 2);
  assert.match(error.message, /connect ECONNREFUSED 127\.0\.0\.1:1$/);
});

test("a body that is too long is refused", async () => {
  front.faults = [{ status: 200, body: "x".repeat((1 << 20) + 1) }];
  assert.match((await rejection(client({ maxAttempts: 1 }).send(whoami))).message, /more than 1048576 bytes/);
});

test("a redirect is not followed", async () => {
  front.faults = [{ status: 302, headers: { location: server.url } }];
  assert.equal((await rejection(client().send(whoami))).$metadata.httpStatusCode, 302);
});

test("settings may be functions and objects", async () => {
  const url = new URL(front.url);
  const parts = { protocol: "http:", hostname: url.hostname, port: Number(url.port), path: "/" };
  for (const endpoint of [front.url, url, async () => front.url, { url }, parts]) {
    const output = await client({ endpoint, region: async () => "eu-west-1", maxAttempts: async () => 1 }).send(whoami);
    assert.equal(output.Account, "123456789012");
  }
  assert.match(front.requests.at(-1).headers.authorization, /\/eu-west-1\/sts\/aws4_request/);
  assert.equal(await client().config.region(), "us-west-2");
  assert.deepEqual(await client().config.credentials(), CREDENTIALS);
});

test("the environment has region, endpoint and credentials", async () => {
  const variables = {
    AWS_REGION: "eu-north-1",
    AWS_ENDPOINT_URL_STS: front.url,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  };
  Object.assign(process.env, variables);
  try {
    assert.equal((await new sts.STS().getCallerIdentity()).Account, "123456789012");
    assert.match(front.requests.at(-1).headers.authorization, /\/eu-north-1\/sts\/aws4_request/);
  } finally {
    for (const name in variables) delete process.env[name];
  }
});

test("what a provider throws comes through, and it is asked again before its credentials expire", async () => {
  const thrown = new TypeError("not signed in");
  assert.equal(await rejection(client({ credentials: async () => Promise.reject(thrown) }).send(whoami)), thrown);
  let asked = 0;
  const short = client({
    credentials: async () => ({ ...CREDENTIALS, expiration: new Date(Date.now() + (asked++ ? 3600e3 : 1e3)) }),
  });
  for (let index = 0; index < 3; index++) {
    await short.send(whoami);
    await new Promise((resolve) => setTimeout(resolve, 1100));
  }
  assert.equal(asked, 2);
  const error = await rejection(client({ credentials: async () => ({}) }).send(whoami));
  assert.match(error.message, /Resolved credential object is not valid/);
});

test("both kinds of import are the same module", () => {
  const required = createRequire(import.meta.url)("sts-web");
  assert.equal(required.STSClient, sts.STSClient);
  assert.deepEqual(Object.keys(required).sort(), Object.keys(sts).sort());
});

test("a search for credentials that never ends is given up", async () => {
  let asked = 0;
  const stuck = client({ credentials: () => (asked++ ? Promise.resolve(CREDENTIALS) : new Promise(() => {})) });
  stuck.send(whoami);
  assert.equal((await stuck.send(whoami)).Account, "123456789012");
  assert.equal(asked, 2);
});

test("a missing region and missing credentials are errors", async () => {
  assert.match((await rejection(new sts.STSClient({ credentials: CREDENTIALS }).send(whoami))).message, /Missing Region/);
  assert.equal((await rejection(new sts.STSClient({ region: "us-west-2" }).send(whoami))).name, "CredentialsProviderError");
});
