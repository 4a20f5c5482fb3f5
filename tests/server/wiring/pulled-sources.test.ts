import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { channelList } from "../../../server/protocol/api.ts";
import { type SourceTable, sourceList, sourceTable } from "../../../server/protocol/sources.ts";
import { startTestApp, type TestApp } from "../../helpers/app.ts";
import { clips } from "../../helpers/clips.ts";
import { eventually } from "../../helpers/eventually.ts";
import { LiveViewer } from "../../helpers/live-viewer.ts";
import { liveOn, readyOn } from "../../helpers/millrace.ts";
import { ffmpegsBelow } from "../../helpers/processes.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp-folder.ts";

const clip = clips["H.264 and Opus in Matroska"](3);

/** The server as a whole, with a film that its sources can play. */
async function start(folder: TempFolder, sources: Readonly<Record<string, unknown>>): Promise<TestApp> {
  const media = join(folder.path, "media");
  await mkdir(media, { recursive: true });
  await writeFile(join(media, "film.mkv"), clip);
  const table: SourceTable = sourceTable.parse(sources);
  return startTestApp({ MILLRACE_DATA_DIR: join(folder.path, "data"), MILLRACE_SOURCES_DIR: media }, table);
}

const onList = async ({ url }: TestApp) => {
  const { items } = channelList.parse(await (await fetch(`${url}/api/v1/channels`)).json());
  return items.map(({ name, live, onDemand }) => ({ name, live, onDemand }));
};
const stateOf = async ({ url }: TestApp, channel: string) => {
  const { items } = sourceList.parse(await (await fetch(`${url}/api/v1/sources`)).json());
  return items.flatMap(({ channels }) => channels).find((each) => each.channel === channel)?.state;
};

test("a file is live from the start, is not recorded, and another channel can be pulled from its HLS", async () => {
  await using folder = await tempFolder();
  await using app = await start(folder, { film: { file: "film.mkv" } });
  await readyOn(app.url, "film");
  const address = `${app.url}/live/film/master.m3u8`;
  const named = await fetch(`${app.url}/api/v1/sources/again`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ address }),
  });
  expect(named.status).toBe(200);
  await readyOn(app.url, "again");
  expect((await liveOn(app.url, "again"))?.source).toMatchObject([
    { kind: "video", codec: "h264", width: 160, height: 90 },
    { kind: "audio", codec: "flac" },
  ]);
  await app.stop();
  expect(ffmpegsBelow()).toEqual([]);
  // What was pulled from an address is kept, the file was there before.
  expect(existsSync(app.folderOf("again", ""))).toBe(true);
  expect(existsSync(app.folderOf("film", ""))).toBe(false);
  expect(existsSync(join(app.dataDir, "sources.json"))).toBe(true);
});

test("on demand, a playlist, a manifest or a socket that is asked for starts it; it is listed while it sleeps", async () => {
  await using folder = await tempFolder();
  await using app = await start(folder, { film: { file: "film.mkv", start: "demand", stopAfterSeconds: 1 } });
  const asleep = [{ name: "film", live: false, onDemand: true }];
  for (const path of ["master.m3u8", "manifest.mpd"]) {
    await eventually("it sleeps", async () => (await stateOf(app, "film")) === "idle");
    expect(await onList(app)).toEqual(asleep);
    const answer = await fetch(`${app.url}/live/film/${path}`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(path === "master.m3u8" ? "#EXT-X-STREAM-INF" : 'type="dynamic"');
    expect(await onList(app)).toEqual([{ name: "film", live: true, onDemand: false }]);
  }
  await eventually("it sleeps", async () => (await stateOf(app, "film")) === "idle");
  // Also one that would not wait for a channel, and whether or not it still sees the end of the broadcast before.
  const viewer = await LiveViewer.connect(app.url, "film");
  expect(await viewer.hears("waiting")).toEqual({ type: "waiting", reason: "starting" });
  const before = viewer.records.length;
  await eventually("media comes", () => viewer.records.length > before + 50);
  viewer.socket.close();
  await eventually("it sleeps", async () => (await stateOf(app, "film")) === "idle");
  await eventually("no FFmpeg is left", () => ffmpegsBelow().length === 0);
});

test("what cannot start is answered with 404 and is on no list any more", async () => {
  await using folder = await tempFolder();
  await using app = await start(folder, { film: { file: "gone.mkv", start: "demand" } });
  expect((await fetch(`${app.url}/live/film/master.m3u8`)).status).toBe(404);
  expect(await onList(app)).toEqual([]);
});
