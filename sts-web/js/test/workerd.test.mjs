// workerd, the runtime of Cloudflare Workers.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { behave, CREDENTIALS, EXPECTED, startFront, startSts, TOKEN } from "./support.mjs";

const ROOT = new URL("..", import.meta.url).pathname;
const WORKER = `
import * as sts from "./workerd.js";
${behave}
const credentials = ${JSON.stringify(CREDENTIALS)};
let shared, asked = 0;
export default {
  async fetch(request) {
    const [path, endpoint] = [new URL(request.url).pathname, new URL(request.url).searchParams.get("endpoint")];
    try {
      if (path === "/ready") return new Response();
      if (path === "/behave") return Response.json(await behave(sts, endpoint, credentials, ${JSON.stringify(TOKEN)}));
      // One client for all requests, which ask its slow provider at the same time.
      shared ??= new sts.STSClient({ region: "us-west-2", endpoint, credentials: async () => {
        asked++;
        await new Promise((resolve) => setTimeout(resolve, 200));
        return credentials;
      } });
      const { Arn } = await shared.send(new sts.GetCallerIdentityCommand({}));
      return Response.json([Arn, asked]);
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
`;
const CONFIG = (port) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "net", network = (allow = ["local", "private", "public"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "workerd.js", esModule = embed "workerd.js"),
    (name = "sts_web.wasm", wasm = embed "sts_web.wasm"),
  ],
  compatibilityDate = "2026-01-01",
  globalOutbound = "net",
);
`;

let server, front, folder, child, url;
before(async () => {
  server = await startSts();
  front = await startFront(server.url);
  folder = await mkdtemp(join(tmpdir(), "sts-web-"));
  const port = await freePort();
  await writeFile(join(folder, "worker.js"), WORKER);
  await writeFile(join(folder, "config.capnp"), CONFIG(port));
  for (const file of ["workerd.js", "sts_web.wasm"]) await copyFile(join(ROOT, "dist", file), join(folder, file));
  const program = join(ROOT, "node_modules/.bin/workerd");
  child = spawn(program, ["serve", join(folder, "config.capnp")], { stdio: "inherit" });
  url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(`${url}/ready`).catch(() => undefined)) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
after(async () => {
  child?.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
  front.stop();
  server.stop();
});

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const get = async (path) => {
  const response = await fetch(`${url}${path}?endpoint=${encodeURIComponent(front.url)}`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
};

test("behaves as on every host", async () => {
  assert.deepEqual(await get("/behave"), EXPECTED);
});

test("requests share a client and its search for credentials", async () => {
  const expected = ["arn:aws:iam::123456789012:user/demo", 1];
  const answers = await Promise.all(Array.from({ length: 5 }, () => get("/shared")));
  assert.deepEqual(answers, Array.from({ length: 5 }, () => expected));
});
