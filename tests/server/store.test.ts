import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { startTestApp } from "../helpers/app.ts";
import { clips } from "../helpers/clips.ts";
import { eventually } from "../helpers/eventually.ts";
import { finishedOn } from "../helpers/millrace.ts";
import { readHls } from "../helpers/playlists.ts";
import { publishHttp } from "../helpers/publish.ts";
import { framesOf } from "../helpers/replay.ts";
import { startS3 } from "../helpers/stores.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const media = clips["H.264 and Opus in Matroska"](5);

test("a recording that is kept in S3 alone plays, can be downloaded byte for byte, and is deleted there", async () => {
  await using bucket = await tempFolder();
  await using s3 = await startS3(bucket.path);
  const { url, s3: access } = s3.settings;
  await using app = await startTestApp({
    MILLRACE_STORE: url,
    MILLRACE_STORE_LOCAL: "remove",
    MILLRACE_S3_ENDPOINT: access.endpoint ?? "",
    MILLRACE_S3_KEY_ID: access.keyId ?? "",
    MILLRACE_S3_SECRET: access.secret?.reveal() ?? "",
  });
  await publishHttp(app.url, "cam", media);
  const { id } = await finishedOn(app.url, "cam");
  const place = app.folderOf("cam", id);
  await eventually("nothing but its record is here", () => !existsSync(join(place, "source.mkv")));
  await eventually("its segments are gone, too", () => !existsSync(join(place, "audio0/playlist.m3u8")));
  expect(existsSync(join(place, "broadcast.json"))).toBe(true);

  const source = await fetch(`${app.url}/recordings/${id}/source`);
  expect(source.headers.get("content-type")).toBe("video/x-matroska");
  expect(Buffer.from(await source.arrayBuffer()).equals(media)).toBe(true);
  const range = await fetch(`${app.url}/recordings/${id}/source`, { headers: { range: "bytes=10-19" } });
  expect([range.status, range.headers.get("content-range")]).toEqual([206, `bytes 10-19/${media.byteLength}`]);
  expect(Buffer.from(await range.arrayBuffer()).equals(media.subarray(10, 20))).toBe(true);
  const head = await fetch(`${app.url}/recordings/${id}/source`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, String(media.byteLength)]);
  const playlists = await readHls(`${app.url}/recordings/${id}/master.m3u8`);
  expect(await framesOf(playlists.get("video0")?.segments.map(({ uri }) => uri) ?? [])).toBe(150);
  expect((await fetch(`${app.url}/recordings/${id}/manifest.mpd`)).headers.get("content-type")).toBe(
    "application/dash+xml",
  );

  // It can be had from the bucket itself, as from any web server.
  const files = await readdir(bucket.path, { recursive: true });
  const kept = files.find((name) => name.includes("source.mkv") && name.endsWith("object")) ?? "";
  expect((await readFile(join(bucket.path, kept))).equals(media)).toBe(true);

  // Nobody plays this one, so it goes at once.
  await publishHttp(app.url, "other", clips["VP8 and Opus in WebM"](1));
  const other = await finishedOn(app.url, "other");
  const ofOther = async () =>
    (await readdir(bucket.path, { recursive: true })).filter(
      (name) => name.includes(other.id) && name.endsWith("object"),
    );
  const elsewhere = app.folderOf("other", other.id);
  await eventually("it is stored", () => existsSync(join(elsewhere, "stored.json")));
  expect((await ofOther()).length).toBeGreaterThan(5);
  expect((await fetch(`${app.url}/api/v1/recordings/${other.id}`, { method: "DELETE" })).status).toBe(204);
  await eventually("the bucket has nothing of it", async () => (await ofOther()).length === 0);
  const left = () => readdir(app.folderOf("other", ""));
  await eventually("its folder is gone", async () => (await left()).length === 0);
});
