import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../tests/fixtures/fuzz/", import.meta.url));

/** The committed inputs of a target, in the order of their names. */
export function readCorpus(target: string): Buffer[] {
  const folder = join(root, target);
  return readdirSync(folder)
    .toSorted()
    .map((name) => readFileSync(join(folder, name)));
}

/** Adds inputs to a target's corpus, and gives their files. */
export function keep(target: string, inputs: readonly Buffer[]): string[] {
  const folder = join(root, target);
  mkdirSync(folder, { recursive: true });
  return inputs.map((input) => {
    const file = join(folder, createHash("sha256").update(input).digest("hex").slice(0, 12));
    writeFileSync(file, input);
    return file;
  });
}
