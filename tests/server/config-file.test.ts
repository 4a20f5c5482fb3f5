import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { parseSettings } from "../../server/config.ts";
import { readConfigFile } from "../../server/config-file.ts";
import { messageOf } from "../../server/core/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-config-file-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(content: unknown) {
  writeFileSync(join(folder, "millrace.config.json"), typeof content === "string" ? content : JSON.stringify(content));
  return readConfigFile(folder);
}

function problemsOf(content: unknown): string[] {
  try {
    read(content);
  } catch (error) {
    return messageOf(error).split("\n");
  }
  throw new Error("nothing was refused");
}

test("without the file there is nothing", () => {
  expect(readConfigFile(join(folder, "nowhere"))).toEqual({ settings: {}, sources: {}, channels: {} });
});

test("settings are written as texts, numbers or truth values, and go through the same schema", () => {
  const { settings } = read({ MILLRACE_PORT: 9000, MILLRACE_RECORD: false, MILLRACE_LADDER: "ORIGINAL" });
  expect(settings).toEqual({ MILLRACE_PORT: "9000", MILLRACE_RECORD: "off", MILLRACE_LADDER: "ORIGINAL" });
  expect(parseSettings(settings)).toMatchObject({ http: { port: 9000 }, record: false });
  const wrong = read({ MILLRACE_LADER: "x" }).settings;
  expect(() => parseSettings(wrong)).toThrow("did you mean MILLRACE_LADDER?");
});

test("sources stand under their channels", () => {
  const { sources } = read({ sources: { film: { file: "film.mp4" }, clips: { folder: "clips", start: "demand" } } });
  expect(sources).toEqual({
    film: { file: "film.mp4", start: "always", stopAfterSeconds: 10 },
    clips: { folder: "clips", start: "demand", stopAfterSeconds: 10 },
  });
});

test("a ladder may stand under a channel", () => {
  const { channels } = read({ channels: { stage: { ladder: "ORIGINAL,640x360-15~800" } } });
  const small = { original: false, width: 640, height: 360, fps: 15, kbps: 800 };
  expect(channels).toEqual({ stage: { ladder: [{ original: true }, small] } });
});

test("the example in docs/sources.md is one", () => {
  const document = readFileSync(new URL("../../docs/sources.md", import.meta.url), "utf8");
  const example = /```json\n([\s\S]*?)```/.exec(document)?.[1] ?? "";
  expect(Object.keys(read(example).sources)).toEqual(["lobby", "clips", "door", "event", "van"]);
});

test("the example in docs/ladder.md is one", () => {
  const document = readFileSync(new URL("../../docs/ladder.md", import.meta.url), "utf8");
  const example = /```json\n([\s\S]*?)```/.exec(document)?.[1] ?? "";
  expect(read(example).channels.stage?.ladder).toHaveLength(4);
});

test("names every problem, a line each", () => {
  const problems = problemsOf({
    port: 1,
    MILLRACE_PORT: [],
    sources: {
      film: { file: "a.mp4", folder: "b" },
      "a b": { file: "c.mp4" },
      live: { file: "c.mp4" },
      cam: { adress: "x" },
    },
    channels: { hall: { laddder: "ORIGINAL" }, stage: { ladder: "720p" } },
  });
  expect(problems).toEqual([
    "millrace.config.json: sources.film: allowed is exactly one of file, folder and address",
    "millrace.config.json: sources.a b: a channel's name has 1 to 128 letters, digits, _ or -",
    "millrace.config.json: sources.live: the name live is reserved",
    "millrace.config.json: sources.cam: there is no adress here",
    "millrace.config.json: sources.cam: allowed is exactly one of file, folder and address",
    "millrace.config.json: channels.hall: there is no laddder here",
    'millrace.config.json: channels.stage.ladder: "720p" is no entry',
    "millrace.config.json: port: allowed are names of settings, sources and channels",
    "millrace.config.json: MILLRACE_PORT: allowed is a text, a number, true or false",
  ]);
});

test.each(["", "[]", "7", "null", "{"])("%j is no configuration", (content) => {
  expect(problemsOf(content)).toEqual([expect.stringContaining("millrace.config.json")]);
});
