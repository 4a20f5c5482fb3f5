import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = new URL("../../../", import.meta.url);
const built = new URL("dist/bench/scripts/bench/fanout/", root);

/** Compiles the processes of this benchmark as the server is compiled: what they cost is what it costs. */
export function buildPrograms(): void {
  const compiler = fileURLToPath(new URL("node_modules/.bin/tsc", root));
  const { status, stdout } = spawnSync(compiler, ["-p", "tsconfig.bench.json"], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`the benchmark cannot be compiled: ${stdout}`);
}

/** The compiled file of a program, by the name of its source in this folder. */
export function programPath(source: string): string {
  return fileURLToPath(new URL(source.replace(/\.ts$/, ".js"), built));
}
