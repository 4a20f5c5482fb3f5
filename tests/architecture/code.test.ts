import { expect, test } from "@jest/globals";
import { defaultExporters, environmentReaders } from "./code.ts";
import { sourcesBelow } from "./sources.ts";

const server = sourcesBelow("server");
const web = sourcesBelow("web");

test("only server/config.ts reads the environment", () => {
  expect(environmentReaders([...server, ...web])).toEqual(["server/config.ts"]);
});

test("the server has named exports only", () => {
  expect(defaultExporters(server)).toEqual([]);
});

const readers = [
  "const port = process.env.PORT;",
  "const { env } = process;",
  'const port = process["env"].PORT;',
  'import { argv, env } from "node:process";',
];

for (const text of readers) {
  test(`finds the environment read by ${text}`, () => {
    expect(environmentReaders([{ file: "x.ts", text }])).toEqual(["x.ts"]);
  });
}

for (const text of ["// not process.env", "/** Not\n * process.env */", "const environment = process.exitCode;"]) {
  test(`finds nothing in ${JSON.stringify(text)}`, () => {
    expect(environmentReaders([{ file: "x.ts", text }])).toEqual([]);
  });
}

for (const text of ["export default 1;", "const a = 1;\nexport { a as default };"]) {
  test(`finds the default export in ${JSON.stringify(text)}`, () => {
    expect(defaultExporters([{ file: "x.ts", text }])).toEqual(["x.ts"]);
  });
}

test("an import of a default is no default export", () => {
  expect(defaultExporters([{ file: "x.ts", text: 'import Fastify from "fastify";' }])).toEqual([]);
});
