// This package beside `@aws-sdk/client-sts`: the same calls of both to a server that records them and answers at random.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";

import * as sdk from "@aws-sdk/client-sts";
import * as sts from "sts-web";

const CASES = 20;
const SEED = Number(process.env.SEED ?? 1);
const OPERATIONS = Object.keys(sdk)
  .filter((name) => name.endsWith("Command") && !name.startsWith("$"))
  .map((name) => name.slice(0, -"Command".length));
const CODES = Object.values(sdk)
  .filter((schema) => Array.isArray(schema) && schema[3]?.awsQueryError)
  .map((schema) => schema[3].awsQueryError);

// xorshift32, so that a failure can be repeated.
let state = SEED;
function random(below) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}
const pick = (list) => list[random(list.length)];

// The package's own model of the API: a schema is a number for a simple type, or [kind, …]; 64 and up are lists.
const TEXT = 0;
const NUMBER = 1;
const TIME = 4;
const LIST_OF_TEXT = 64;
function resolve(schema) {
  if (typeof schema === "function") return resolve(schema());
  if (Array.isArray(schema) && (Array.isArray(schema[0]) || typeof schema[0] === "function")) return resolve(schema[0]);
  return schema;
}

const WORDS = ["", "a", "Zoë", "a b+c&d=e%", "*~'()", "line\nbreak", "arn:aws:iam::123456789012:role/demo", "𝒳", "<&>\"'", "0"];

function value(schema) {
  const type = resolve(schema);
  if (type === NUMBER) return random(50000);
  if (type === TIME) return new Date(Date.UTC(2030, random(12), 1 + random(28), random(24), random(60), random(60)));
  if (type === LIST_OF_TEXT) return Array.from({ length: random(4) }, () => pick(WORDS));
  if (typeof type === "number") return pick(WORDS);
  const [kind, , , , names, shapes] = type;
  if (kind === 1) return Array.from({ length: random(4) }, () => value(type[4]));
  if (kind === 2) return Object.fromEntries(Array.from({ length: random(3) }, (_, index) => [`key ${index}`, pick(WORDS)]));
  if (kind === 3) return structure(names, shapes);
  return pick(WORDS);
}

function structure(names, shapes) {
  const members = names.map((name, index) => [name, shapes[index]]).filter(() => random(4) > 0);
  return Object.fromEntries(members.map(([name, shape]) => [name, value(shape)]));
}

const escape = (text) => String(text).replace(/[<>&"'\n]/g, (char) => `&#${char.codePointAt(0)};`);

function xml(data, schema) {
  const type = resolve(schema);
  if (data instanceof Date) return data.toISOString().replace(".000", "");
  if (Array.isArray(data)) return data.map((item) => `<member>${xml(item, TEXT)}</member>`).join("");
  if (data && typeof data === "object") {
    if (type?.[0] === 2) {
      return Object.entries(data)
        .map(([key, value]) => `<entry><key>${escape(key)}</key><value>${escape(value)}</value></entry>`)
        .join("");
    }
    const [, , , , names, shapes] = type;
    return Object.entries(data)
      .map(([name, item]) => `<${name}>${xml(item, shapes[names.indexOf(name)])}</${name}>`)
      .join("");
  }
  return escape(data);
}

let server, url, answer;
const forms = [];
before(async () => {
  server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    forms.push(Buffer.concat(chunks).toString());
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

async function outcome({ STSClient, ...commands }, operation, input) {
  const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
  const client = new STSClient({ region: "us-west-2", endpoint: url, credentials, maxAttempts: 1 });
  forms.length = 0;
  let result;
  try {
    result = { output: await client.send(new commands[`${operation}Command`](input)) };
  } catch (error) {
    const { name, message, $fault, $metadata, Code, Type, Error: quoted } = error;
    result = { class: error.constructor.name, name, message, $fault, $metadata, Code, Type, quoted };
  }
  client.destroy();
  const fields = forms.map((form) => form.split("&").sort());
  return { fields, ...result };
}

async function compare(operation, input) {
  const [expected, seen] = [await outcome(sdk, operation, input), await outcome(sts, operation, input)];
  assert.deepEqual(seen, expected, JSON.stringify({ operation, input, answer }));
  return expected;
}

for (const operation of OPERATIONS) {
  const [, , , , input, output] = sdk[`${operation}$`];
  test(`${operation}: ${CASES} inputs and answers`, async () => {
    for (let index = 0; index < CASES; index++) {
      const result = value(output);
      const id = `id-${random(1000)}`;
      const headers = { "x-amz-id-2": "extended", "x-amz-cf-id": "front" };
      for (const name in headers) if (random(2)) delete headers[name];
      // As the service sends it, in the header and in the body. The SDK looks into the header only.
      headers["x-amzn-requestid"] = id;
      answer = {
        status: 200,
        headers,
        body: `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result>${xml(result, output)}</${operation}Result><ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata></${operation}Response>`,
      };
      const { fields } = await compare(operation, value(input));
      assert.equal(fields.length, 1);
    }
  });
}

test("every error", async () => {
  const others = ["AccessDenied", "ExpiredToken", "ValidationError", "Throttling", "Strange", "ServiceUnavailable", "toString"];
  for (const [code, status] of [...CODES, ...others.map((code) => [code, code === "ServiceUnavailable" ? 503 : 400])]) {
    const type = status < 500 ? "Sender" : "Receiver";
    answer = {
      status,
      headers: { "x-amz-cf-id": "front", "x-amzn-requestid": "id" },
      body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>${type}</Type><Code>${code}</Code><Message>because &amp; so</Message></Error><RequestId>id</RequestId></ErrorResponse>`,
    };
    await compare("GetCallerIdentity", {});
  }
});

test("exports", () => {
  // Schemas, and what builds a chain of providers, are the SDK's own.
  const own = (name) => /^STS$|(Client|Command|Exception|ModeType)$/.test(name) && name !== "__Client";
  assert.deepEqual(Object.keys(sts).sort(), Object.keys(sdk).filter(own).sort());
});
