// Browsers: the module is a file beside this one.
import init, { Machine } from "../build/sts_web.js";
import { run } from "./client.js";

let machine;
async function load() {
  await init({ module_or_path: new URL("./sts_web.wasm", import.meta.url) });
  return Machine;
}

run({ load: () => (machine ??= load()), connect: () => ({}) });

export * from "./index.js";
