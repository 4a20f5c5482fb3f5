import { expect, test } from "@jest/globals";
import { importCycles, importersOf, importsOf, MAY_IMPORT, nodeImports, wrongImports } from "./imports.ts";
import { sourcesBelow } from "./sources.ts";

const server = sourcesBelow("server");
const web = sourcesBelow("web");
const protocol = server.filter(({ file }) => file.startsWith("server/protocol/"));

test("imports follow the direction of the data", () => {
  expect(wrongImports([...server, ...web])).toEqual([]);
});

test("server/protocol and web run in a browser", () => {
  expect(nodeImports([...protocol, ...web])).toEqual([]);
});

test("no two modules import each other in a circle", () => {
  expect(importCycles([...server, ...web])).toEqual([]);
});

test("one module knows fluent-ffmpeg, which is archived and will be replaced one day", () => {
  expect(importersOf("fluent-ffmpeg", [...server, ...web])).toHaveLength(1);
});

const wrong: readonly [file: string, specifier: string][] = [
  ["server/core/scope.ts", "../media/boxes.ts"],
  ["server/core/scope.ts", "../protocol/names.ts"],
  ["server/protocol/api.ts", "../core/errors.ts"],
  ["server/media/boxes.ts", "../packaging/window.ts"],
  ["server/ingest/http.ts", "../broadcast/broadcast.ts"],
  ["server/broadcast/log/log.ts", "../../transcode/ffmpeg.ts"],
  ["server/packaging/window.ts", "../delivery/hls.ts"],
  ["server/delivery/hls.ts", "../config.ts"],
  ["server/delivery/hls.ts", "../app.ts"],
  ["server/config.ts", "./app.ts"],
  ["server/core/scope.ts", "../../web/ui/time.ts"],
  ["server/core/scope.ts", "../../tests/helpers/boxes.ts"],
  ["web/player/hls.ts", "../../server/core/errors.ts"],
  ["server/unknown/thing.ts", "./other.ts"],
  ["server/thing.ts", "./core/scope.ts"],
];

for (const [file, specifier] of wrong) {
  test(`refuses ${specifier} in ${file}`, () => {
    expect(wrongImports([{ file, text: `import { thing } from "${specifier}";\n` }])).toHaveLength(1);
  });
}

const right: readonly [file: string, specifier: string][] = [
  ["server/core/scope.ts", "./errors.ts"],
  ["server/delivery/hls.ts", "../packaging/window.ts"],
  ["server/broadcast/log/log.ts", "../../core/scope.ts"],
  ["server/broadcast/log/log.ts", "../broadcast.ts"],
  ["server/app.ts", "./transcode/ffmpeg.ts"],
  ["server/serve.ts", "./app.ts"],
  ["web/player/hls.ts", "../../server/protocol/api.ts"],
  ["web/player/hls.ts", "../ui/time.ts"],
  ["web/player/hls.ts", "hls.js"],
];

for (const [file, specifier] of right) {
  test(`allows ${specifier} in ${file}`, () => {
    expect(wrongImports([{ file, text: `import { thing } from "${specifier}";\n` }])).toEqual([]);
  });
}

test("finds every way to write an import", () => {
  const text = `
import a from "a";
import { b, type B } from "b";
import {
  c,
} from "c";
import type { D } from "d";
import * as e from "e";
import "f";
export { g } from "g";
export * from "h";
const i = await import("i");
`;
  const found = importsOf({ file: "x.ts", text });
  expect(found.map(({ specifier }) => specifier)).toEqual([..."abcdefghi"]);
  expect(found.filter(({ isType }) => isType).map(({ specifier }) => specifier)).toEqual(["d"]);
});

test("a node: import in browser code is found", () => {
  expect(nodeImports([{ file: "web/x.ts", text: 'import { join } from "node:path";' }])).toHaveLength(1);
});

test("importers of a package are found, those of another with a longer name are not", () => {
  const sources = [
    { file: "a.ts", text: 'import ffmpeg from "fluent-ffmpeg";' },
    { file: "b.ts", text: 'import x from "fluent-ffmpeg/lib/utils";' },
    { file: "c.ts", text: 'import x from "fluent-ffmpeg-other";' },
  ];
  expect(importersOf("fluent-ffmpeg", sources)).toEqual(["a.ts", "b.ts"]);
});

test("a circle is found, unless it is one of types only", () => {
  const circle = (word: string) => [
    { file: "server/a.ts", text: 'import { b } from "./b.ts";' },
    { file: "server/b.ts", text: 'import { c } from "./c.ts";' },
    { file: "server/c.ts", text: `import ${word}{ a } from "./a.ts";` },
  ];
  expect(importCycles(circle(""))).toEqual(["server/a.ts → server/b.ts → server/c.ts → server/a.ts"]);
  expect(importCycles(circle("type "))).toEqual([]);
});

test("the table names nothing twice and only parts it knows", () => {
  for (const allowed of Object.values(MAY_IMPORT)) {
    expect(new Set(allowed).size).toBe(allowed.length);
    for (const part of allowed) expect(Object.keys(MAY_IMPORT)).toContain(part);
  }
});
