// Node: the module is read from the package, settings may come from the environment.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { initSync, Machine } from "../build/sts_web.js";
import { run } from "./client.js";
import { connect } from "./node-fetch.js";

let machine;
function load() {
  if (!machine) {
    // Not in the background: there, a busy machine takes twice as long.
    initSync({ module: new WebAssembly.Module(readFileSync(join(__dirname, "sts_web.wasm"))) });
    machine = Machine;
  }
  return machine;
}

run({ load, connect: () => ({ ...connect(), environment: (name) => process.env[name] }) });

export * from "./index.js";
