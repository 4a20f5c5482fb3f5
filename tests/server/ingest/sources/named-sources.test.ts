import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { NamedSources } from "../../../../server/ingest/sources/named-sources.ts";
import { SourceStore } from "../../../../server/ingest/sources/source-store.ts";
import { settingsOf, sourcesOn } from "../../../helpers/sources.ts";

const listener = settingsOf({ address: "srt://127.0.0.1:9999?mode=listener" });

test("a source of the file that cannot be is a reason not to start, in a line that names it", async () => {
  await using on = await sourcesOn({ needsPassphrase: true });
  const store = new SourceStore(join(on.folder, "sources.json"));
  await expect(
    NamedSources.start(on.sources, { store, fromFile: { cam: listener }, report: () => {} }),
  ).rejects.toThrow("millrace.config.json: sources.cam: a listener needs a passphrase here");
});

test("one that was named over the API and cannot be any more is reported, and stays kept", async () => {
  await using on = await sourcesOn({ needsPassphrase: true });
  const path = join(on.folder, "sources.json");
  await writeFile(path, JSON.stringify({ cam: listener, film: { file: "a.mp4", start: "demand" } }));
  const reports: unknown[] = [];
  const store = new SourceStore(path);
  const report = (_event: string, details: Record<string, unknown>) => void reports.push(details.name);
  const named = await NamedSources.start(on.sources, { store, fromFile: {}, report });
  expect([reports, named.list.map(({ name }) => name)]).toEqual([["cam"], ["film"]]);
  await named.set("more", settingsOf({ file: "b.mp4", start: "demand" }));
  expect(Object.keys(await store.load())).toEqual(["cam", "film", "more"]);
});

test("a kept table that cannot be understood is told by its path", async () => {
  await using on = await sourcesOn();
  const path = join(on.folder, "sources.json");
  for (const text of ["{", '{"a":{}}', "7"]) {
    await writeFile(path, text);
    await expect(new SourceStore(path).load()).rejects.toThrow(path);
  }
});
