import { describe, expect, test } from "@jest/globals";
import { CaptureFailure } from "../../../web/capture/failures.ts";
import type { Preview } from "../../../web/capture/preview.ts";
import type { Publisher } from "../../../web/capture/publisher.ts";
import type { PictureChoice } from "../../../web/capture/settings-form.ts";
import type { CaptureSource } from "../../../web/capture/source.ts";
import { explainKept, SourceKeeper } from "../../../web/capture/source-keeper.ts";
import { browserGlobals } from "../../helpers/browser-globals.ts";
import { eventually, settle } from "../../helpers/eventually.ts";
import { FakeDevices, FakeStream, FakeTrack, fakeSource } from "../../helpers/fake-devices.ts";
import { oneForEach } from "../../helpers/lifetime.ts";

const choice: PictureChoice = {
  source: "camera",
  cameraId: "",
  microphoneId: "",
  width: 640,
  height: 360,
  fps: 30,
  audio: true,
};

let devices: FakeDevices;
oneForEach(() => {
  devices = new FakeDevices();
  return browserGlobals({ MediaStream: FakeStream, navigator: { mediaDevices: devices }, isSecureContext: true });
});

/** A keeper of a source from a camera and a microphone; the log tells what it did. */
function bench(open: (choice: PictureChoice) => Promise<CaptureSource> = async () => fakeSource(camera())) {
  const log: string[] = [];
  const first = camera();
  const microphone = new FakeTrack("audio", "microphone-1");
  const source = fakeSource(first, microphone);
  const preview = { put: async () => void log.push("shown") };
  const publisher = {
    use: async (stream: MediaStream) => void log.push(`on air ${stream.getVideoTracks()[0]?.getSettings().deviceId}`),
    end: ({ text }: { text: string }) => void log.push(text),
  };
  const keeper = new SourceKeeper(
    {
      preview: preview as unknown as Preview,
      publisher: publisher as unknown as Publisher,
      open,
      onNotes: (notes) => void log.push(...notes),
    },
    choice,
    source,
  );
  return { keeper, log, camera: first, microphone, source };
}

const camera = (id = "camera-1") => new FakeTrack("video", id);

describe("a source that is on air", () => {
  test("is replaced when its device goes away", async () => {
    const { keeper, log, camera } = bench();
    camera.unplug();
    await eventually("another one is on air", () => log.includes("on air camera-1"));
    expect(log).toEqual(["shown", "The camera was away for a moment.", "on air camera-1"]);
    keeper[Symbol.dispose]();
  });

  test("is replaced by what the person chooses, and closed after that", async () => {
    const second = fakeSource(camera("camera-2"), new FakeTrack("audio", "microphone-2"));
    const { keeper, log, camera: first } = bench(async () => second);
    await keeper.change({ ...choice, cameraId: "camera-2" });
    expect([log, first.readyState, keeper.choice.cameraId]).toEqual([
      ["shown", "on air camera-2"],
      "ended",
      "camera-2",
    ]);
    keeper[Symbol.dispose]();
  });

  test("stays when what the person chooses cannot be had", async () => {
    const { keeper, log, camera: first } = bench(() => Promise.reject(new CaptureFailure("No screen.")));
    await expect(keeper.change({ ...choice, source: "screen" })).rejects.toThrow("No screen.");
    expect([log, first.readyState, keeper.choice]).toEqual([[], "live", choice]);
    expect(explainKept(new CaptureFailure("No screen."))).toBe("No screen. The broadcast goes on as it was.");
    keeper[Symbol.dispose]();
  });

  test("is closed before another camera is opened, where only one can be open at a time", async () => {
    const bothOpen: boolean[] = [];
    const {
      keeper,
      log,
      camera: first,
    } = bench(async () => {
      bothOpen.push(first.readyState === "live");
      if (bothOpen.at(-1)) throw new CaptureFailure("busy");
      return fakeSource(camera("camera-2"), new FakeTrack("audio", "microphone-1"));
    });
    await keeper.change({ ...choice, cameraId: "camera-2" });
    expect([bothOpen, log.at(-1)]).toEqual([[true, false], "on air camera-2"]);
    keeper[Symbol.dispose]();
  });

  test("comes back when the other camera cannot be opened even then", async () => {
    const { keeper, log } = bench(() => Promise.reject(new CaptureFailure("busy")));
    await expect(keeper.change({ ...choice, cameraId: "camera-2" })).rejects.toThrow("busy");
    expect(log.at(-1)).toBe("on air camera-1");
    expect(keeper.choice).toEqual(choice);
    keeper[Symbol.dispose]();
  });

  test("ends the broadcast when the person stops sharing it", async () => {
    const { keeper, log, source } = bench();
    source.onLoss("sharing");
    expect(log).toEqual([expect.stringMatching(/stopped sharing/)]);
    keeper[Symbol.dispose]();
  });

  test("is left alone when the broadcast is over", async () => {
    const { keeper, log, camera: first } = bench();
    keeper[Symbol.dispose]();
    first.unplug();
    await settle();
    expect([log, devices.asked]).toEqual([[], []]);
  });
});
