// workerd (Cloudflare Workers), which compiles no module from bytes: it is imported.
import init, { Machine } from "../build/sts_web.js";
import { run } from "./client.js";
import module from "./sts_web.wasm";

let machine;
async function load() {
  await init({ module_or_path: module });
  return Machine;
}

run({ load: () => (machine ??= load()), connect: () => ({}) });

export * from "./index.js";
