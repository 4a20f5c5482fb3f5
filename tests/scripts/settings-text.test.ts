import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { expect, test } from "@jest/globals";
import { environmentExample, settingsDocument } from "../../scripts/settings-text.ts";
import { parseSettings } from "../../server/config.ts";
import { settingNames } from "../../server/settings.ts";

const committed = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

test("docs/settings.md is what the schema says (else: npm run docs:settings)", () => {
  expect(committed("docs/settings.md")).toBe(settingsDocument());
});

test(".env.example is what the schema says (else: npm run docs:settings)", () => {
  expect(committed(".env.example")).toBe(environmentExample());
});

test("the document has a row for every setting", () => {
  const document = settingsDocument();
  for (const name of settingNames) expect(document).toContain(`| \`${name}\``);
});

test(".env.example with every # removed sets the defaults", () => {
  const uncommented = environmentExample().replaceAll(/^#(?=MILLRACE_)/gm, "");
  const environment = parseEnv(uncommented);
  expect(Object.keys(environment).sort()).toEqual([...settingNames].sort());
  expect(parseSettings(environment)).toEqual(parseSettings({}));
});
