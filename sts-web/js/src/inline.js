// Where a page cannot load another file: the module is part of this one, as base64.
import init, { Machine } from "../build/sts_web.js";
import base64 from "../build/sts_web.base64";
import { run } from "./client.js";

let machine;
async function load() {
  await init({ module_or_path: Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)) });
  return Machine;
}

run({ load: () => (machine ??= load()), connect: () => ({}) });

export * from "./index.js";
