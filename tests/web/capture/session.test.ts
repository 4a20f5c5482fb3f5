import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { PublisherStatus } from "../../../web/capture/broadcast-end.ts";
import { CaptureFailure } from "../../../web/capture/failures.ts";
import { Preview } from "../../../web/capture/preview.ts";
import type { Publisher } from "../../../web/capture/publisher.ts";
import { CaptureSession } from "../../../web/capture/session.ts";
import { DEFAULT_SETTINGS } from "../../../web/capture/settings.ts";
import type { SettingsForm } from "../../../web/capture/settings-form.ts";
import type { CaptureSource } from "../../../web/capture/source.ts";
import { browserGlobals, type Globals } from "../../helpers/browser-globals.ts";
import { eventually, settle } from "../../helpers/eventually.ts";
import { FakeDevices, FakeStream, FakeTrack, fakeSource } from "../../helpers/fake-devices.ts";

let globals: Globals;
beforeEach(() => {
  globals = browserGlobals({
    MediaStream: FakeStream,
    MediaRecorder: class {},
    navigator: { mediaDevices: new FakeDevices() },
  });
});
afterEach(() => globals[Symbol.dispose]());

/** The person is asked for the camera, and answers when a test says so. */
class Question {
  allow: (source: CaptureSource) => void = () => {};
  refuse: (why: Error) => void = () => {};
  readonly answer = new Promise<CaptureSource>((resolve, reject) => {
    this.allow = resolve;
    this.refuse = reject;
  });
}

/** A session whose person is asked one question for each opening of the picture. */
function bench(settings: { channel?: string } = {}) {
  const questions: Question[] = [];
  const log: string[] = [];
  const tell = ({ state, text }: PublisherStatus) => void log.push(`${state}: ${text}`);
  const form = {
    settings: { ...DEFAULT_SETTINGS, cameraId: "", microphoneId: "", ...settings },
    refreshDevices: async () => {},
  };
  const publisher = {
    publish: async () => void log.push("published"),
    stop: () => void log.push("stopped"),
    abandon: () => void log.push("abandoned"),
  };
  const video = { dataset: {}, srcObject: null, play: async () => {} };
  const session = new CaptureSession({
    form: form as unknown as SettingsForm,
    preview: new Preview(video as unknown as HTMLVideoElement),
    publisher: publisher as unknown as Publisher,
    open: () => {
      const question = new Question();
      questions.push(question);
      return question.answer;
    },
    onStatus: tell,
    onNotes: (notes) => void log.push(...notes),
  });
  return { session, log, questions };
}

const READY = "idle: Ready. Press Start to go live.";
const OPENING = "connecting: Opening the picture…";

describe("while the person is asked for the camera", () => {
  test("Stop calls the broadcast off, and a camera that is allowed later is given back", async () => {
    const { session, log, questions } = bench();
    const started = session.start();
    session.stop();
    await started;
    expect([log, session.isBusy]).toEqual([[OPENING, READY], false]);
    const camera = new FakeTrack("video", "camera-1");
    questions[0]?.allow(fakeSource(camera));
    await eventually("the camera is given back", () => camera.readyState === "ended");
    expect(log).toEqual([OPENING, READY]);
  });

  test("a refusal after Stop is of no interest any more", async () => {
    const { session, log, questions } = bench();
    const started = session.start();
    session.stop();
    await started;
    questions[0]?.refuse(new CaptureFailure("Refused."));
    await settle();
    expect(log).toEqual([OPENING, READY]);
  });

  test("Start after Stop asks anew, and goes live with what it is given", async () => {
    const { session, log, questions } = bench();
    const first = session.start();
    session.stop();
    await first;
    const second = session.start();
    const early = new FakeTrack("video", "camera-1");
    questions[0]?.allow(fakeSource(early));
    const camera = new FakeTrack("video", "camera-2");
    questions[1]?.allow(fakeSource(camera));
    await second;
    expect([log, early.readyState, camera.readyState]).toEqual([
      [OPENING, READY, OPENING, "published"],
      "ended",
      "live",
    ]);
  });

  test("leaving the page calls it off, too", async () => {
    const { session, log, questions } = bench();
    const started = session.start();
    session.leave();
    await started;
    const camera = new FakeTrack("video", "camera-1");
    questions[0]?.allow(fakeSource(camera));
    await eventually("the camera is given back", () => camera.readyState === "ended");
    expect(log).not.toContain("published");
  });
});

test("a preview that comes after Start has failed does not hide why", async () => {
  const { session, log, questions } = bench({ channel: "no channel" });
  const shown = session.showPreview();
  await session.start();
  questions[0]?.allow(fakeSource(new FakeTrack("video", "camera-1")));
  await shown;
  expect(log).toEqual([expect.stringMatching(/^error: A channel's name/)]);
});

test("Stop ends what runs", () => {
  const { session, log } = bench();
  session.stop();
  expect(log).toEqual(["stopped"]);
});
