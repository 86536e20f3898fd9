// In Node, this package beside `@aws-sdk/client-sts`, by turns: import and first call of fresh processes (median, ms), calls a second and
// CPU time of a call. `node bench/speed.mjs [ROUNDS]`
import { execFileSync } from "node:child_process";

import { CREDENTIALS, startSts } from "../test/support.mjs";

const rounds = Number(process.argv[2] ?? 9);
const server = await startSts();
const program = (name) => `
  const start = performance.now();
  const { STSClient, GetCallerIdentityCommand } = await import("${name}");
  const imported = performance.now();
  const client = new STSClient({ region: "us-west-2", endpoint: "${server.url}", credentials: ${JSON.stringify(CREDENTIALS)} });
  const send = () => client.send(new GetCallerIdentityCommand({}));
  await send();
  const first = performance.now();
  for (let index = 0; index < 200; index++) await send();
  const [warm, cpu] = [performance.now(), process.cpuUsage()];
  let calls = 0;
  while (performance.now() < warm + 1000) { await send(); calls++; }
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify([imported - start, first - imported, calls / (performance.now() - warm) * 1000, (user + system) / calls]));
  process.exit();
`;
const names = ["sts-web", "@aws-sdk/client-sts"];
const figures = new Map(names.map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const name of names) {
    const options = { encoding: "utf8", cwd: new URL("..", import.meta.url), env: { ...process.env, NODE_NO_WARNINGS: "1" } };
    figures.get(name).push(JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", program(name)], options)));
  }
}
server.stop();
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
console.log("name\timport ms\tfirst call ms\tcalls/s\tCPU µs a call");
for (const [name, rows] of figures) {
  const columns = [0, 1, 2, 3].map((column) => median(rows.map((row) => row[column])).toFixed(column < 2 ? 1 : 0));
  console.log([name, ...columns].join("\t"));
}
