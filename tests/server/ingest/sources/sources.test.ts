import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Broadcast } from "../../../../server/broadcast/broadcast.ts";
import { prepareFfmpeg } from "../../../../server/transcode/ffmpeg.ts";
import { clips } from "../../../helpers/clips.ts";
import { eventually } from "../../../helpers/eventually.ts";
import { makeFile } from "../../../helpers/media-ffmpeg.ts";
import { ffmpegsBelow } from "../../../helpers/processes.ts";
import { type SourcesOn, settingsOf, sourcesOn } from "../../../helpers/sources.ts";

const clip = clips["H.264 and Opus in Matroska"](1);
beforeAll(() => prepareFfmpeg("ffmpeg"));

const stateOf = ({ sources }: SourcesOn, channel: string) =>
  sources.list.flatMap(({ channels }) => channels).find((each) => each.channel === channel);
const newest = (broadcast: Broadcast | undefined) => broadcast?.epochs.at(-1)?.newestTime ?? 0;

describe("a file", () => {
  test("is played round and round, in real time, under one channel", async () => {
    await using on = await sourcesOn();
    await on.put("loop.mkv", clip);
    await on.sources.set("film", settingsOf({ file: "loop.mkv" }), "config");
    await eventually("it is live", () => stateOf(on, "film")?.state === "live");
    const began = performance.now();
    await eventually("it has begun again", () => newest(on.registry.on("film")) > 2);
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(on.registry.on("film")?.epochs).toHaveLength(1);
    expect(on.registry.on("film")?.epochs[0]?.tracks.map(({ codec }) => codec)).toEqual(["h264", "opus"]);
    expect(on.sources.list).toEqual([
      {
        name: "film",
        from: "config",
        kind: "file",
        location: "loop.mkv",
        isWhole: true,
        start: "always",
        stopAfterSeconds: 10,
        record: false,
        problem: null,
        channels: [{ channel: "film", state: "live", problem: null, retryAt: null }],
      },
    ]);
    await on.sources.delete("film");
    expect(on.sources.list).toEqual([]);
    expect(await on.begun[0]?.ended).toEqual({ reason: "disconnected" });
    expect(ffmpegsBelow()).toEqual([]);
  });

  test("of a transport stream, whose sound cannot be copied, is played too", async () => {
    await using on = await sourcesOn();
    const video = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "15"];
    await on.put("a b/c'd.ts", makeFile({ seconds: 1, video, audio: ["-c:a", "aac"], output: ["-f", "mpegts"] }));
    await on.sources.set("film", settingsOf({ file: "a b/c'd.ts" }), "config");
    await eventually("it is live", () => stateOf(on, "film")?.state === "live");
    expect(on.registry.on("film")?.epochs[0]?.tracks.map(({ codec }) => codec)).toEqual(["h264", "flac"]);
  });

  test("that is not there is said to be so and tried again; it plays when it has come", async () => {
    await using on = await sourcesOn();
    await on.sources.set("film", settingsOf({ file: "later.mkv" }), "api");
    await eventually("it waits", () => stateOf(on, "film")?.state === "waiting");
    const problem = "there is no file later.mkv below MILLRACE_SOURCES_DIR";
    expect(stateOf(on, "film")).toMatchObject({ problem, retryAt: expect.stringMatching(/Z$/) });
    await on.put("later.mkv", clip);
    await eventually("it is live", () => stateOf(on, "film")?.state === "live");
    expect(stateOf(on, "film")?.problem).toBeNull();
    expect(on.registry.on("film")?.notices.map(({ text }) => text)).toEqual([`The source is back. ${problem}`]);
    expect(on.reports.join()).toContain(problem);
  });

  test("that is no media is given up for a while each time, longer and longer, and leaves nothing", async () => {
    await using on = await sourcesOn();
    await on.put("bad.mp4", Buffer.alloc(10_000, 7));
    await on.sources.set("film", settingsOf({ file: "bad.mp4" }), "api");
    await eventually("it was tried twice", () => on.pulls.length === 2);
    await eventually("it waits", () => stateOf(on, "film")?.state === "waiting");
    expect(stateOf(on, "film")?.problem).toBe("bad.mp4: Invalid data found when processing input");
    expect(on.reports.join()).not.toContain(on.media);
    expect([on.begun, ffmpegsBelow()]).toEqual([[], []]);
  });

  test.each(["../secret.mkv", "link.mkv", "folder/../../secret.mkv"])(
    "outside of the folder, as %s, is not there",
    async (file) => {
      await using on = await sourcesOn();
      await on.put("../secret.mkv", clip);
      await mkdir(join(on.media, "folder"));
      await symlink(join(on.media, "../secret.mkv"), join(on.media, "link.mkv"));
      await on.sources.set("film", settingsOf({ file }), "api");
      await eventually("it waits", () => stateOf(on, "film")?.state === "waiting");
      expect(stateOf(on, "film")?.problem).toBe(`there is no file ${file} below MILLRACE_SOURCES_DIR`);
      expect(on.pulls).toEqual([]);
    },
  );

  test("that names other files is not followed to them", async () => {
    await using on = await sourcesOn();
    await on.put("real.ts", clip);
    await on.put("list.mp4", Buffer.from(`ffconcat version 1.0\nfile '${join(on.media, "real.ts")}'\n`));
    await on.put(
      "list.ts",
      Buffer.from(`#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n${join(on.media, "real.ts")}\n`),
    );
    await on.sources.set("a", settingsOf({ file: "list.mp4" }), "api");
    await on.sources.set("b", settingsOf({ file: "list.ts" }), "api");
    for (const channel of ["a", "b"]) await eventually("it waits", () => stateOf(on, channel)?.state === "waiting");
    expect(on.begun).toEqual([]);
  });
});

test("a channel that somebody publishes to is not taken from them", async () => {
  await using on = await sourcesOn();
  await on.put("loop.mkv", clip);
  const person = on.registry.publish("film");
  await on.sources.set("film", settingsOf({ file: "loop.mkv" }), "config");
  await eventually("it waits", () => stateOf(on, "film")?.state === "waiting");
  expect(stateOf(on, "film")?.problem).toBe("the channel film is already live");
  await person.finish({ reason: "disconnected" }).catch(() => {});
  await eventually("it is live", () => stateOf(on, "film")?.state === "live");
});

test("a broadcast that the operator stops stays so until the source is named again", async () => {
  await using on = await sourcesOn();
  await on.put("loop.mkv", clip);
  await on.sources.set("film", settingsOf({ file: "loop.mkv" }), "api");
  await eventually("it is live", () => stateOf(on, "film")?.state === "live");
  await on.registry.stop(on.begun[0]?.id ?? "", "stopped by the operator");
  await eventually("it has stopped", () => stateOf(on, "film")?.state === "stopped");
  expect([stateOf(on, "film")?.problem, ffmpegsBelow()]).toEqual(["stopped by the operator", []]);
  await on.sources.set("film", settingsOf({ file: "loop.mkv" }), "api");
  await eventually("it is live", () => stateOf(on, "film")?.state === "live");
});

test("an encoder's FFmpeg that is killed is followed by another", async () => {
  await using on = await sourcesOn();
  await on.put("loop.mkv", clip);
  await on.sources.set("film", settingsOf({ file: "loop.mkv" }), "api");
  await eventually("it is live", () => stateOf(on, "film")?.state === "live");
  for (const pid of ffmpegsBelow()) process.kill(pid, "SIGKILL");
  await eventually("it is live again", () => on.begun.length === 2);
  expect((await on.begun[0]?.ended)?.reason).toBe("disconnected");
  await eventually("it says so", () => on.registry.on("film")?.notices.length === 1);
});

describe("on demand", () => {
  test("nothing runs until somebody wants it, and it stops some time after the last viewer", async () => {
    await using on = await sourcesOn();
    await on.put("loop.mkv", clip);
    await on.sources.set("film", settingsOf({ file: "loop.mkv", start: "demand", stopAfterSeconds: 1 }), "config");
    await eventually("it is idle", () => stateOf(on, "film")?.state === "idle");
    expect([on.sources.onOffer, on.pulls, on.sources.want("other")]).toEqual([["film"], [], undefined]);
    expect(on.sources.want("film")).toBe("coming");
    // A viewer who waits goes on wanting it: it may take longer to begin than it stays after the last one.
    await eventually("it is there", () => on.sources.want("film") === "there");
    expect([on.sources.onOffer, stateOf(on, "film")?.state]).toEqual([[], "live"]);
    on.watched.add("film");
    await eventually("it goes on for longer than that", () => newest(on.registry.on("film")) > 2.5);
    on.watched.clear();
    const left = performance.now();
    await eventually("it is idle", () => stateOf(on, "film")?.state === "idle");
    expect(performance.now() - left).toBeGreaterThan(400);
    expect([on.sources.onOffer, ffmpegsBelow()]).toEqual([["film"], []]);
    // Who fetches the rest of what was does not start it.
    on.sources.touch("film");
    expect(stateOf(on, "film")?.state).toBe("idle");
    on.watched.add("film");
    await eventually("who waits on a socket starts it", () => stateOf(on, "film")?.state === "live");
  });

  test("where somebody else publishes, nothing is started", async () => {
    await using on = await sourcesOn();
    await on.put("loop.mkv", clip);
    await on.sources.set("film", settingsOf({ file: "loop.mkv", start: "demand" }), "config");
    await eventually("it is idle", () => stateOf(on, "film")?.state === "idle");
    const person = on.registry.publish("film");
    await person.write(clip);
    on.watched.add("film");
    expect([on.sources.want("film"), on.pulls]).toEqual([undefined, []]);
    on.watched.clear();
    await person.finish({ reason: "finished" });
    expect(on.sources.want("film")).toBe("coming");
  });

  test("what cannot be started is not offered any more", async () => {
    await using on = await sourcesOn();
    await on.sources.set("film", settingsOf({ file: "gone.mkv", start: "demand" }), "config");
    await eventually("it is idle", () => stateOf(on, "film")?.state === "idle");
    on.sources.want("film");
    await eventually("it waits", () => stateOf(on, "film")?.state === "waiting");
    expect([on.sources.want("film"), on.sources.onOffer]).toEqual([undefined, []]);
  });
});

describe("a folder", () => {
  test("that is watched has a channel for each file, for as long as it is there", async () => {
    await using on = await sourcesOn();
    await on.put("clips/one.mkv", clip);
    await on.sources.set("clips", settingsOf({ folder: "clips" }), "config");
    await eventually("the first is live", () => stateOf(on, "one")?.state === "live");
    await on.put("clips/more/the second.webm", clip);
    await on.put("clips/.hidden.mkv", clip);
    await on.put("clips/words.txt", clip);
    await on.put("clips/one.webm", clip);
    await eventually("the second is live", () => stateOf(on, "more-the_second")?.state === "live");
    expect(on.sources.list[0]?.channels.map(({ channel }) => channel)).toEqual(["one", "more-the_second"]);
    expect(on.reports.join()).toContain("its channel is another's");
    await rm(join(on.media, "clips/one.webm"));
    await rm(join(on.media, "clips/one.mkv"));
    await eventually("the first is gone", () => stateOf(on, "one") === undefined);
    expect(on.registry.on("one")).toBeUndefined();
    expect(on.registry.on("more-the_second")).toBeDefined();
    await on.sources.delete("clips");
    expect(ffmpegsBelow()).toEqual([]);
  });

  test("that is not there says so, and is read when it comes", async () => {
    await using on = await sourcesOn();
    await on.sources.set("clips", settingsOf({ folder: "clips", start: "demand" }), "config");
    await eventually("it says so", () => on.sources.list[0]?.problem !== null);
    expect(on.sources.list[0]?.problem).toBe("there is no folder clips below MILLRACE_SOURCES_DIR");
    await on.put("clips/one.mkv", clip);
    await eventually("it is read", () => stateOf(on, "one")?.state === "idle");
    expect([on.sources.list[0]?.problem, on.sources.onOffer]).toEqual([null, ["one"]]);
  });

  test("has no channel that is another source's", async () => {
    await using on = await sourcesOn();
    await on.put("clips/one.mkv", clip);
    await on.put("other.mkv", clip);
    await on.sources.set("one", settingsOf({ file: "other.mkv" }), "config");
    await on.sources.set("clips", settingsOf({ folder: "clips" }), "config");
    await eventually("it says so", () => on.reports.join().includes("its channel is another's"));
    expect(on.sources.list.find(({ name }) => name === "clips")?.channels).toEqual([]);
    await on.sources.delete("one");
    await eventually("it is live", () => stateOf(on, "one")?.state === "live");
    expect(on.sources.list.map(({ name }) => name)).toEqual(["clips"]);
  });
});

test("a listener without a passphrase is refused where publishing is not open", async () => {
  await using on = await sourcesOn({ needsPassphrase: true });
  const listener = settingsOf({ address: "srt://127.0.0.1:9999?mode=listener" });
  await expect(on.sources.set("in", listener, "api")).rejects.toMatchObject({ code: "bad_request" });
  expect(on.sources.list).toEqual([]);
});
