// Chromium: a page with a strict Content-Security-Policy, a web worker, a service worker, and a Rust app.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

import { behave, CREDENTIALS, EXPECTED, startFront, startSts, TOKEN } from "./support.mjs";

const ROOT = new URL("..", import.meta.url);
const TYPES = { js: "text/javascript", wasm: "application/wasm", html: "text/html" };
const PAGES = {
  "/": "<!doctype html><title>page</title>",
  "/behave.js": `export default ${behave}`,
  "/worker.js": `
    import * as sts from "/dist/default.js";
    import behave from "/behave.js";
    onmessage = async ({ data }) => postMessage(await behave(sts, ...data));
  `,
  "/service.js": `
    import * as sts from "/dist/default.js";
    import behave from "/behave.js";
    onmessage = (event) => event.waitUntil(behave(sts, ...event.data).then((seen) => event.ports[0].postMessage(seen)));
  `,
};

let server, front, pages, folder, browser, origin, policy;
before(async () => {
  server = await startSts();
  front = await startFront(server.url);
  policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' ${front.url}`;
  pages = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const body = PAGES[pathname] ?? (await readFile(new URL(`.${pathname}`, ROOT)).catch(() => undefined));
    const type = TYPES[pathname.split(".").pop()] ?? TYPES.html;
    response.writeHead(body === undefined ? 404 : 200, { "content-type": type, "content-security-policy": policy });
    response.end(body);
  });
  await new Promise((resolve) => pages.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${pages.address().port}`;
  folder = await mkdtemp(join(tmpdir(), "sts-web-"));
  browser = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
  pages.close();
  front.stop();
  server.stop();
});

async function open() {
  const page = await browser.newPage();
  await page.goto(origin);
  return page;
}

const settings = () => [front.url, CREDENTIALS, TOKEN];

for (const module of ["/dist/default.js", "/dist/inline.js"]) {
  test(`a page with a strict policy, ${module}`, async () => {
    const page = await open();
    const seen = await page.evaluate(
      async ([module, args]) => {
        const [sts, { default: behave }] = [await import(module), await import("/behave.js")];
        return behave(sts, ...args);
      },
      [module, settings()],
    );
    assert.deepEqual(seen, EXPECTED);
  });
}

test("a web worker", async () => {
  const page = await open();
  const seen = await page.evaluate(
    (args) =>
      new Promise((resolve, reject) => {
        const worker = new Worker("/worker.js", { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(args);
      }),
    settings(),
  );
  assert.deepEqual(seen, EXPECTED);
});

test("a service worker", async () => {
  const page = await open();
  const seen = await page.evaluate(async (args) => {
    await navigator.serviceWorker.register("/service.js", { type: "module" });
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
    active.postMessage(args, [port2]);
    return answer;
  }, settings());
  assert.deepEqual(seen, EXPECTED);
});

test("a signed call has one preflight, a web identity call none", async () => {
  const page = await open();
  const send = (command, input) =>
    page.evaluate(
      async ([command, input, endpoint, credentials]) => {
        const sts = await import("/dist/default.js");
        await new sts.STSClient({ region: "us-west-2", endpoint, credentials }).send(new sts[command](input));
      },
      [command, input, front.url, CREDENTIALS],
    );
  front.requests.length = 0;
  const input = { RoleArn: "arn:aws:iam::123456789012:role/demo", RoleSessionName: "page", WebIdentityToken: TOKEN };
  await send("AssumeRoleWithWebIdentityCommand", input);
  assert.deepEqual(front.requests.map(({ method }) => method), ["POST"]);
  front.requests.length = 0;
  await send("GetCallerIdentityCommand", {});
  await send("GetCallerIdentityCommand", {});
  const preflights = front.requests.filter(({ method }) => method === "OPTIONS");
  // The page has called before, and the browser may remember that.
  assert.ok(preflights.length <= 1, `${preflights.length} preflights`);
  const signed = front.requests.at(-1).headers;
  assert.match(signed["x-amz-user-agent"], /^sts-rust\//);
  assert.match(signed.authorization, /SignedHeaders=content-type;host;x-amz-date;x-amz-user-agent,/);
});

test("a page whose policy forbids WebAssembly is told so", async () => {
  const before = policy;
  policy = "script-src 'self'";
  const page = await open();
  const message = await page.evaluate(async () => {
    const sts = await import("/dist/default.js");
    const client = new sts.STSClient({ region: "us-west-2", credentials: { accessKeyId: "a", secretAccessKey: "b" } });
    return client.send(new sts.GetCallerIdentityCommand({})).catch(({ message }) => message);
  });
  policy = before;
  assert.match(message, /Content Security Policy|unsafe-eval/);
});

test("a Rust app", async () => {
  const page = await open();
  const app = (name, ...args) =>
    page.evaluate(
      async ([name, args]) => {
        const app = await import("/build/app.js");
        await app.default({ module_or_path: "/build/app.wasm" });
        return app[name](...args);
      },
      [name, args],
    );
  const identity = "arn:aws:iam::123456789012:user/demo";
  assert.equal(await app("call", front.url, 5000), `1 ${identity}`);
  front.faults = [503];
  assert.equal(await app("call", front.url, 5000), `2 ${identity}`);
  front.faults = ["hang", "hang", "hang"];
  assert.equal(await app("call", front.url, 100), "3 Timeout");
  const session = "arn:aws:sts::123456789012:assumed-role/demo/page";
  assert.equal(await app("web_identity", front.url, TOKEN), `1 ${session} ${session}`);
  const { closed } = front;
  front.faults = ["hang"];
  await page.evaluate(async (url) => {
    const app = await import("/build/app.js");
    await app.drop_call(url, new Promise((resolve) => setTimeout(resolve, 200)));
  }, front.url);
  while (front.closed === closed) await new Promise((resolve) => setTimeout(resolve, 5));
});
