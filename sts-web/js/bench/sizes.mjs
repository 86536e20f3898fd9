// What a page downloads, in bytes: raw, gzip, brotli.
import { readFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build } from "esbuild";

const root = new URL("..", import.meta.url);
const read = (path) => readFile(new URL(path, root));

async function bundle(contents, loader = {}) {
  const options = { bundle: true, minify: true, format: "esm", platform: "browser", write: false, logLevel: "error", loader };
  const { outputFiles } = await build({ stdin: { contents, resolveDir: root.pathname }, ...options });
  return Buffer.from(outputFiles[0].contents);
}

const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
function row(name, ...parts) {
  const sum = (size) => parts.reduce((total, part) => total + size(part), 0);
  console.log([name, sum((part) => part.length), sum((part) => gzipSync(part, { level: 9 }).length), sum(brotli)].join("\t"));
}

console.log("name\traw\tgzip\tbrotli");
row("Rust app with one call", await read("build/one_call.wasm"), await bundle('export * from "./build/one_call.js"; export { default } from "./build/one_call.js";'));
row("sts-web", await read("dist/sts_web.wasm"), await bundle('export * from "./dist/default.js"'));
row("sts-web/inline", await bundle('export * from "./dist/inline.js"'));
row("@aws-sdk/client-sts", await bundle('export * from "@aws-sdk/client-sts"'));
row("@aws-sdk/client-sts, one command", await bundle('export { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts"'));
