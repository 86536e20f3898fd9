// The usages of `@aws-sdk/client-sts` run with only the package's name replaced, and print the same.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { CREDENTIALS, startSts } from "./support.mjs";

const CALLS = {
  GetCallerIdentity: {},
  AssumeRole: { RoleArn: "arn:aws:iam::123456789012:role/demo", RoleSessionName: "me" },
  GetSessionToken: { DurationSeconds: 3600 },
  // Refused: it is no token.
  AssumeRoleWithWebIdentity: { RoleArn: "arn:aws:iam::123456789012:role/demo", RoleSessionName: "me", WebIdentityToken: "token" },
};

// With a shared client and the same parameters. `MODULE` are the imports.
const USAGES = {
  promise: `
MODULE(STSClient, NAMECommand)
const client = new STSClient({ region: "us-west-2" });
const command = new NAMECommand(INPUT);
client.send(command).then((data) => console.log(data), (error) => console.log(error.name, error.message)).finally(() => console.log("done"));`,
  await: `
MODULE(STSClient, NAMECommand)
const client = new STSClient({ region: "us-west-2" });
(async () => {
  try {
    const data = await client.send(new NAMECommand(INPUT));
    console.log(data);
  } catch (error) {
    console.log(error.name, error.message);
  } finally {
    console.log("done");
  }
})();`,
  callback: `
MODULE(STSClient, NAMECommand)
const client = new STSClient({ region: "us-west-2" });
client.send(new NAMECommand(INPUT), (error, data) => {
  console.log(error?.name, error?.message, data);
});`,
  "method, await": `
MODULE(STS)
const client = new STS({ region: "us-west-2" });
(async () => {
  try {
    console.log(await client.METHOD(INPUT));
  } catch (error) {
    console.log(error.name, error.message);
  }
})();`,
  "method, promise": `
MODULE(STS)
const client = new STS({ region: "us-west-2" });
client.METHOD(INPUT).then((data) => console.log(data)).catch((error) => console.log(error.name, error.message));`,
  "method, callback": `
MODULE(STS)
const client = new STS({ region: "us-west-2" });
client.METHOD(INPUT, (error, data) => {
  console.log(error?.name, error?.message, data);
});`,
  "error metadata": `
MODULE(STSClient, NAMECommand, STSServiceException)
const client = new STSClient({ region: "us-west-2" });
(async () => {
  try {
    const data = await client.send(new NAMECommand(INPUT));
    const { requestId, cfId, extendedRequestId } = data.$metadata;
    console.log({ requestId, cfId, extendedRequestId });
  } catch (error) {
    const { requestId, cfId, extendedRequestId } = error.$metadata;
    console.log({ requestId, cfId, extendedRequestId }, error.name, error.$fault, error instanceof STSServiceException);
  }
})();`,
};

const run = promisify(execFile);
const folder = new URL("./snippets/", import.meta.url);
let server;
before(async () => {
  server = await startSts();
  await mkdir(folder, { recursive: true });
});
after(async () => {
  server.stop();
  await rm(folder, { recursive: true });
});

async function output(name, program) {
  const file = new URL(name, folder);
  await writeFile(file, program);
  const env = {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL_STS: server.url,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    NODE_NO_WARNINGS: "1",
  };
  const { stdout } = await run(process.execPath, [file.pathname], { env });
  // What differs from call to call: ids, keys, tokens, times.
  return stdout
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")
    .replace(/(AccessKeyId|SecretAccessKey|SessionToken): '[^']+'/g, "$1: SECRET")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
}

for (const [kind, imports] of [
  ["cjs", (names, name) => `const { ${names} } = require("${name}");`],
  ["mjs", (names, name) => `import { ${names} } from "${name}";`],
]) {
  for (const [usage, text] of Object.entries(USAGES)) {
    test(`${usage}, ${kind}`, async () => {
      for (const [operation, input] of Object.entries(CALLS)) {
        const method = operation[0].toLowerCase() + operation.slice(1);
        const program = (name) =>
          text
            .replace(/MODULE\((.*)\)/, (_, names) => imports(names, name))
            .replaceAll("NAME", operation)
            .replaceAll("METHOD", method)
            .replaceAll("INPUT", JSON.stringify(input));
        const [expected, seen] = await Promise.all([
          output(`sdk-${operation}.${kind}`, program("@aws-sdk/client-sts")),
          output(`own-${operation}.${kind}`, program("sts-web")),
        ]);
        assert.equal(seen, expected);
        assert.notEqual(seen, "");
      }
    });
  }
}
