import { describe, expect, test } from "@jest/globals";
import { FULL, type PublisherStatus } from "../../../web/capture/broadcast-end.ts";
import { CaptureFailure } from "../../../web/capture/failures.ts";
import { Publisher } from "../../../web/capture/publisher.ts";
import type { Recorder, RecorderRequest } from "../../../web/capture/recorder.ts";
import type { PublisherParts } from "../../../web/capture/running-broadcast.ts";
import type { Uplink, UplinkEnd, UplinkReport } from "../../../web/capture/uplink.ts";
import { settle } from "../../helpers/eventually.ts";

/** A promise with its settling outside. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((set) => {
    resolve = set;
  });
  return { promise, resolve };
}

const texts = new WeakMap<Blob, string>();

/** A piece of a recording that the log can show at once. */
function piece(text: string): Blob {
  const blob = new Blob([text]);
  texts.set(blob, text);
  return blob;
}

/** All of a stream that a publisher looks at. */
function fakeStream(name: string) {
  const track = { readyState: "live" };
  return { name, track, stream: { name, getTracks: () => [track] } as unknown as MediaStream };
}

/** A recorder that does what the test says. */
interface TestRecorder {
  readonly request: RecorderRequest;
  readonly fail: (text: string) => void;
}

/** A publisher between streams, recorders and an uplink that do what the test says; the log tells what it did. */
function bench(connect?: PublisherParts["connect"]) {
  const log: string[] = [];
  const statuses: PublisherStatus[] = [];
  const recorders: TestRecorder[] = [];
  const camera = fakeStream("camera");
  const uplinkEnd = deferred<UplinkEnd>();
  const finishing = deferred<UplinkEnd>();
  const line = { producedBytes: 0, acknowledgedBytes: 7, keptMs: 0, isFull: false };
  let report: UplinkReport | undefined;
  const uplink: Uplink = {
    get producedBytes() {
      return line.producedBytes;
    },
    get acknowledgedBytes() {
      return line.acknowledgedBytes;
    },
    get keptMs() {
      return line.keptMs;
    },
    get isFull() {
      return line.isFull;
    },
    ended: uplinkEnd.promise,
    beginContainer: (mimeType) => void log.push(`container ${mimeType}`),
    send: (data) => void log.push(texts.get(data) ?? ""),
    finish: () => {
      log.push("finish");
      return Promise.race([uplinkEnd.promise, finishing.promise]);
    },
    abandon: () => {
      log.push("abandon");
      uplinkEnd.resolve({ kind: "finished" });
    },
  };
  const record = (request: RecorderRequest): Recorder => {
    const failed = deferred<string>();
    recorders.push({ request, fail: failed.resolve });
    return {
      mimeType: "video/webm",
      failed: failed.promise,
      stop: async () => {
        log.push("stop");
        request.onData(piece("last"));
      },
    };
  };
  const publisher = new Publisher({
    connect: async (target, given, signal) => {
      report = given;
      return connect === undefined ? uplink : connect(target, given, signal);
    },
    record,
    formatFor: (stream) => ({ mimeType: `video/${Reflect.get(stream, "name")}`, label: "" }),
    onStatus: (status) => statuses.push(status),
    onNote: (text) => void log.push(`note: ${text}`),
  });
  const request = { stream: camera.stream, channel: "demo", key: "", kbps: 1000 };
  const emit = (text: string) => recorders.at(-1)?.request.onData(piece(text));
  return {
    publisher,
    request,
    camera,
    log,
    statuses,
    recorders,
    line,
    uplinkEnd,
    emit,
    /** Resolves when it is live, with what settles when it is over. */
    goLive: async () => {
      const ended = publisher.publish(request);
      await settle();
      emit("first");
      await settle();
      return { ended };
    },
    delivered: () => finishing.resolve({ kind: "finished" }),
    states: () => statuses.map(({ state }) => state),
    last: () => statuses.at(-1),
    reconnecting: (is: boolean) => report?.onReconnecting(is),
    wantContainer: () => report?.onContainerWanted(),
  };
}

describe("a broadcast from the capture page", () => {
  test("is live with its first bytes, and ends when its last ones have arrived", async () => {
    const { publisher, states, log, goLive, delivered } = bench();
    const { ended } = await goLive();
    expect(publisher.figures).toMatchObject({ acknowledgedBytes: 7, kbps: 1000, mimeType: "video/webm" });
    publisher.stop();
    await settle();
    expect(states()).toEqual(["connecting", "live"]);
    delivered();
    await ended;
    expect(states()).toEqual(["connecting", "live", "ended"]);
    expect(log).toEqual(["container video/camera", "first", "stop", "last", "finish"]);
    expect(publisher.figures).toBeUndefined();
  });

  test("that the server refuses is an error in the refusal's words", async () => {
    const { publisher, request, last } = bench(() => Promise.reject(new CaptureFailure("taken")));
    await publisher.publish(request);
    expect(last()).toEqual({ state: "error", text: "taken" });
  });

  test("that is stopped while it connects ends without an error", async () => {
    const { publisher, request, states } = bench(
      (_target, _report, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new CaptureFailure("refused")));
        }),
    );
    const ended = publisher.publish(request);
    await settle();
    publisher.stop();
    await ended;
    expect(states()).toEqual(["connecting", "ended"]);
  });

  test("goes on recording while it reconnects, and says both", async () => {
    const { statuses, log, emit, reconnecting, goLive } = bench();
    await goLive();
    reconnecting(true);
    emit("meanwhile");
    await settle();
    reconnecting(false);
    expect(statuses.slice(-2)).toEqual([
      { state: "reconnecting", text: "Reconnecting" },
      { state: "live", text: "You are live again." },
    ]);
    expect(log).toEqual(["container video/camera", "first", "meanwhile"]);
  });

  test("that the server breaks off says what the server said", async () => {
    const { uplinkEnd, last, goLive } = bench();
    const { ended } = await goLive();
    uplinkEnd.resolve({ kind: "lost", text: "the operator stopped it" });
    await ended;
    expect(last()).toEqual({ state: "error", text: "the operator stopped it" });
  });

  test("that may keep no more stops recording, and still delivers what it keeps", async () => {
    const { line, last, log, emit, delivered, reconnecting, goLive } = bench();
    const { ended } = await goLive();
    reconnecting(true);
    Object.assign(line, { isFull: true, keptMs: 60_000 });
    emit("too much");
    await settle();
    expect(log.slice(-3)).toEqual(["last", `note: ${FULL.text}`, "finish"]);
    expect(last()).toEqual({ state: "reconnecting", text: "Reconnecting to send the rest" });
    delivered();
    await ended;
    expect(last()).toEqual(FULL);
  });

  test("whose last seconds take a while says so; Stop pressed again gives them up", async () => {
    const { publisher, line, last, log, goLive } = bench();
    const { ended } = await goLive();
    line.keptMs = 4_000;
    publisher.stop();
    await settle();
    expect(last()).toEqual({ state: "live", text: expect.stringMatching(/^Sending the last seconds/) });
    publisher.stop();
    await ended;
    expect(log).toContain("abandon");
    expect(last()).toEqual({ state: "ended", text: expect.stringMatching(/last 4 s were given up/) });
  });

  test("ends in other words when what it was made from has ended", async () => {
    const { publisher, last, delivered, goLive } = bench();
    const { ended } = await goLive();
    publisher.end({ state: "ended", text: "You stopped sharing." });
    delivered();
    await ended;
    expect(last()).toEqual({ state: "ended", text: "You stopped sharing." });
  });

  test("is closed at once when the page is left", async () => {
    const { publisher, log, goLive } = bench();
    const { ended } = await goLive();
    publisher.abandon();
    expect(log).toContain("abandon");
    await ended;
  });

  test("can be followed by another one", async () => {
    const { publisher, states, goLive, delivered } = bench();
    const first = await goLive();
    publisher.stop();
    delivered();
    await first.ended;
    const second = await goLive();
    publisher.stop();
    await second.ended;
    expect(states().filter((state) => state === "connecting")).toHaveLength(2);
  });
});

describe("a new container", () => {
  test("begins with another stream, behind the last byte of the one before", async () => {
    const { publisher, recorders, log, emit, goLive } = bench();
    await goLive();
    await publisher.use(fakeStream("screen").stream);
    await settle();
    recorders[0]?.request.onData(piece("late"));
    emit("second");
    await settle();
    expect(log).toEqual(["container video/camera", "first", "stop", "last", "container video/screen", "second"]);
  });

  test("begins with another bit rate", async () => {
    const { publisher, recorders, goLive } = bench();
    await goLive();
    publisher.setBitRate(300);
    await settle();
    expect(recorders.map(({ request }) => request.kbps)).toEqual([1000, 300]);
    expect(publisher.figures).toMatchObject({ kbps: 300 });
  });

  test("begins when the uplink can use no more of the present one", async () => {
    const { recorders, wantContainer, goLive } = bench();
    await goLive();
    wantContainer();
    await settle();
    expect(recorders).toHaveLength(2);
  });

  test("waits for another stream when all tracks of this one have ended", async () => {
    const { publisher, camera, recorders, last, goLive } = bench();
    await goLive();
    camera.track.readyState = "ended";
    recorders[0]?.fail("nothing gives pictures any more");
    await settle();
    expect([recorders.length, last()?.state]).toEqual([1, "live"]);
    await publisher.use(fakeStream("other").stream);
    await settle();
    expect(recorders).toHaveLength(2);
  });

  test("is not tried when the recorder fails at once: that is an error", async () => {
    const { recorders, last, delivered, goLive } = bench();
    const { ended } = await goLive();
    recorders[0]?.fail("the recorder failed");
    delivered();
    await ended;
    expect(last()).toEqual({ state: "error", text: "the recorder failed" });
  });
});
