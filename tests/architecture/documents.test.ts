import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { deadLinks, documentedImports, undocumentedPackages } from "./documents.ts";
import { MAY_IMPORT } from "./imports.ts";
import { readSource, root } from "./sources.ts";

const inRoot = (path: string) => existsSync(join(root, path));
const markdownIn = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));

test("every package has its reason in docs/dependencies.md, and nothing else has", () => {
  const { text: packageJson } = readSource("package.json");
  const { text: document } = readSource("docs/dependencies.md");
  expect(undocumentedPackages(packageJson, document)).toEqual([]);
});

test("relative links in the documents lead to files", () => {
  const documents = [...markdownIn("."), ...markdownIn("docs")].map(readSource);
  expect(documents.flatMap((document) => deadLinks(document, inRoot))).toEqual([]);
});

/** These may import all; the document says so in a sentence. */
const ROOTS = ["server/wiring", "server/app.ts", "server/serve.ts"];

test("docs/architecture.md has the table that the imports are held to", () => {
  const enforced = Object.entries(MAY_IMPORT).filter(([part]) => !ROOTS.includes(part));
  const { text: document } = readSource("docs/architecture.md");
  expect(documentedImports(document)).toEqual(Object.fromEntries(enforced));
  for (const part of ROOTS) expect(document).toContain(`\`${part}\``);
});

test("the table of imports is read row by row", () => {
  const document = "| `x` | `y` |\n\n| Part | May import |\n|---|---|\n| `a` | nothing of ours |\n| `b` | `a`, `c` |\n";
  expect(documentedImports(document)).toEqual({ a: [], b: ["a", "c"] });
});

test("a package without a row, a row without a package and a second row are found", () => {
  const packageJson = JSON.stringify({ dependencies: { a: "1", b: "1" }, overrides: { c: "1" } });
  expect(undocumentedPackages(packageJson, "| `a` | why |\n| `a` | again |\n| `d` | gone |\n")).toEqual([
    "b is not in the document",
    "c is not in the document",
    "d is not in package.json",
    "a is in the document twice",
  ]);
});

const dead = [
  "[gone](gone.md)",
  "[gone](../gone.md#part)",
  "![gone](images/gone.png)",
  '<img src="gone.png">',
  "[gone]: gone.md",
];

for (const text of dead) {
  test(`finds the dead link in ${text}`, () => {
    expect(deadLinks({ file: "docs/a.md", text }, () => false)).toHaveLength(1);
  });
}

const alive = ["[out](https://example.org/a)", "[here](#part)", "`[code](gone.md)`", "```\n[code](gone.md)\n```\n"];

for (const text of alive) {
  test(`does not look for ${JSON.stringify(text)}`, () => {
    expect(deadLinks({ file: "docs/a.md", text }, () => false)).toEqual([]);
  });
}

test("a link is looked for beside its document", () => {
  const asked: string[] = [];
  deadLinks({ file: "docs/a.md", text: "[b](b.md#x) [c](../c.md)" }, (path) => asked.push(path) > 0);
  expect(asked).toEqual(["docs/b.md", "c.md"]);
});
