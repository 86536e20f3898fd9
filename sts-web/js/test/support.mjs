// What several tests need: the local STS of this repository, and a server in front of it that fails on purpose.
import { spawn } from "node:child_process";
import http from "node:http";
import { createInterface } from "node:readline";

export const ROLE = "arn:aws:iam::123456789012:role/demo";
export const CREDENTIALS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };

// A token of an OpenID Connect provider. The local STS does not check the signature.
export const TOKEN = [{ alg: "none" }, { iss: "https://idp.example.com", sub: "me", aud: "app", exp: 4102444800 }, "signature"]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".");

// Starts the local STS; returns its URL, and `stop`.
export async function startSts() {
  const program = process.env.STS ?? new URL("../../../target/debug/sts", import.meta.url).pathname;
  const child = spawn(program, ["local", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const failed = new Promise((_, reject) => {
    child.once("error", reject).once("exit", () => reject(new Error("the local STS has ended")));
  });
  failed.catch(() => {});
  const line = new Promise((resolve) => createInterface(child.stdout).once("line", resolve));
  const [url] = /http:[^ ]+/.exec(await Promise.race([line, failed]));
  return { url, stop: () => child.kill() };
}

// Starts a server that passes requests on to `to` and records them. First it uses up its `faults`, one for each request that is not a
// preflight: a status, a whole answer, "hang" (no answer) or "close" (the connection ends). A page sets them by a request for /faults.
export async function startFront(to) {
  const front = { faults: [], requests: [], closed: 0 };
  const cors = { "access-control-allow-origin": "*", "access-control-expose-headers": "Date" };
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, headers } = request;
    const body = Buffer.concat(chunks);
    if (request.url === "/faults") {
      front.faults = JSON.parse(body);
      return response.writeHead(200, cors).end();
    }
    front.requests.push({ method, headers, body: body.toString() });
    response.on("close", () => response.writableFinished || front.closed++);
    const fault = method === "OPTIONS" ? undefined : front.faults.shift();
    if (fault === "hang") return;
    if (fault === "close") return request.socket.destroy();
    if (typeof fault === "number") return response.writeHead(fault, cors).end();
    if (fault) return response.writeHead(fault.status, { ...cors, ...fault.headers }).end(fault.body);
    const passed = http.request(to, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    passed.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  front.url = `http://127.0.0.1:${server.address().port}`;
  front.stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return front;
}

// How a client behaves, for every host. Pages and workers get its text, so that it uses nothing but its arguments.
export async function behave(sts, url, credentials, token) {
  const client = (settings) => new sts.STSClient({ region: "us-west-2", endpoint: url, credentials, ...settings });
  const whoami = new sts.GetCallerIdentityCommand({});
  const seen = {};
  const attempt = async (call) => {
    try {
      const output = await call();
      return [output.$metadata.attempts, output.Arn ?? output.AssumedRoleUser.Arn];
    } catch (error) {
      return [error.$metadata?.attempts ?? 0, error.name];
    }
  };
  const fail = (faults) => fetch(`${url}/faults`, { method: "POST", body: JSON.stringify(faults) });
  seen.signed = await attempt(() => client().send(whoami));
  const assume = new sts.AssumeRoleWithWebIdentityCommand({
    RoleArn: "arn:aws:iam::123456789012:role/demo",
    RoleSessionName: "page",
    WebIdentityToken: token,
  });
  seen.webIdentity = await attempt(() => client({ credentials: undefined }).send(assume));
  await fail([503]);
  seen.retried = await attempt(() => client().send(whoami));
  await fail(["hang"]);
  seen.timeLimit = await attempt(() => client({ requestTimeout: 150, maxAttempts: 1 }).send(whoami));
  await fail(["hang"]);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  seen.aborted = await attempt(() => client().send(whoami, { abortSignal: controller.signal }));
  const { now } = Date;
  Date.now = () => now() + 3600e3;
  const skewed = client();
  seen.skewed = [await attempt(() => skewed.send(whoami)), await attempt(() => skewed.send(whoami))];
  Date.now = now;
  seen.asked = 0;
  const shared = client({
    credentials: async () => {
      seen.asked++;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return credentials;
    },
  });
  await Promise.all([shared.send(whoami), shared.send(whoami)]);
  return seen;
}

// What `behave` sees.
const ARN = "arn:aws:iam::123456789012:user/demo";
export const EXPECTED = {
  signed: [1, ARN],
  webIdentity: [1, "arn:aws:sts::123456789012:assumed-role/demo/page"],
  retried: [2, ARN],
  timeLimit: [1, "TimeoutError"],
  aborted: [0, "AbortError"],
  skewed: [
    [2, ARN],
    [1, ARN],
  ],
  asked: 1,
};
