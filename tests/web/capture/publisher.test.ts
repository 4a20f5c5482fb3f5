import { describe, expect, test } from "@jest/globals";
import type { PublisherStatus } from "../../../web/capture/broadcast-end.ts";
import { CaptureFailure } from "../../../web/capture/failures.ts";
import { Publisher, type PublisherParts } from "../../../web/capture/publisher.ts";
import { MAX_QUEUED_BYTES } from "../../../web/capture/queue-watch.ts";
import type { Recorder } from "../../../web/capture/recorder.ts";
import type { SourceEnd } from "../../../web/capture/source.ts";
import type { Uplink, UplinkEnd } from "../../../web/capture/uplink.ts";

/** A promise with its settling outside. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A publisher between a source, a recorder and an uplink that do what the test says. */
function bench(connect?: PublisherParts["connect"]) {
  const log: string[] = [];
  const statuses: PublisherStatus[] = [];
  const sourceEnd = deferred<SourceEnd>();
  const uplinkEnd = deferred<UplinkEnd>();
  const failed = deferred<string>();
  let emit: (data: Blob) => void = () => {};
  const queue = { bytes: 0 };
  const uplink: Uplink = {
    get queuedBytes() {
      return queue.bytes;
    },
    sentBytes: 7,
    ended: uplinkEnd.promise,
    send: () => void log.push("send"),
    finish: () => {
      log.push("finish");
      uplinkEnd.resolve({ kind: "finished" });
      return uplinkEnd.promise;
    },
    abandon: () => {
      log.push("abandon");
      uplinkEnd.resolve({ kind: "finished" });
    },
  };
  const recorder: Recorder = {
    mimeType: "video/webm",
    failed: failed.promise,
    stop: async () => {
      log.push("stop");
      emit(new Blob(["last"]));
    },
  };
  const publisher = new Publisher({
    connect: connect ?? (async () => uplink),
    record: ({ onData }) => {
      emit = onData;
      return recorder;
    },
    onStatus: (status) => statuses.push(status),
  });
  const request = {
    source: { stream: {} as MediaStream, notes: [], ended: sourceEnd.promise, onNote: () => {}, close: () => {} },
    format: { mimeType: "video/webm", label: "WebM" },
    channel: "demo",
    key: "",
    kbps: 1000,
  };
  const states = () => statuses.map((status) => status.state);
  const goLive = async () => {
    const ended = publisher.publish(request);
    await new Promise((resolve) => setTimeout(resolve, 0));
    emit(new Blob(["first"]));
    return { ended };
  };
  return {
    publisher,
    request,
    log,
    statuses,
    states,
    sourceEnd,
    uplinkEnd,
    failed,
    queue,
    goLive,
    emit: () => emit(new Blob(["x"])),
  };
}

describe("a broadcast from the capture page", () => {
  test("is live with its first bytes, and sends the last ones before it closes", async () => {
    const { publisher, states, log, goLive } = bench();
    const { ended } = await goLive();
    expect(publisher.figures).toMatchObject({ sentBytes: 7, queuedBytes: 0, mimeType: "video/webm" });
    publisher.stop();
    await ended;
    expect(states()).toEqual(["connecting", "live", "ended"]);
    expect(log).toEqual(["send", "stop", "send", "finish"]);
    expect(publisher.figures).toBeUndefined();
  });

  test("that the server refuses is an error in the refusal's words", async () => {
    const { publisher, request, statuses } = bench(() => Promise.reject(new CaptureFailure("taken")));
    await publisher.publish(request);
    expect(statuses.at(-1)).toEqual({ state: "error", text: "taken" });
  });

  test("that is stopped while it connects ends without an error", async () => {
    const { publisher, request, states } = bench(
      (_target, _report, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new CaptureFailure("refused")));
        }),
    );
    const ended = publisher.publish(request);
    publisher.stop();
    await ended;
    expect(states()).toEqual(["connecting", "ended"]);
  });

  test("whose camera is unplugged is an error, and is closed cleanly all the same", async () => {
    const { statuses, log, sourceEnd, goLive } = bench();
    const { ended } = await goLive();
    sourceEnd.resolve({ kind: "lost", text: "unplugged" });
    await ended;
    expect(statuses.at(-1)).toEqual({ state: "error", text: "unplugged" });
    expect(log).toContain("finish");
  });

  test("ends without an error when the person stops sharing", async () => {
    const { statuses, sourceEnd, goLive } = bench();
    const { ended } = await goLive();
    sourceEnd.resolve({ kind: "stopped", text: "you stopped" });
    await ended;
    expect(statuses.at(-1)).toEqual({ state: "ended", text: "you stopped" });
  });

  test("that the server breaks off says what the server said", async () => {
    const { statuses, uplinkEnd, goLive } = bench();
    const { ended } = await goLive();
    uplinkEnd.resolve({ kind: "lost", text: "the disk is full" });
    await ended;
    expect(statuses.at(-1)).toEqual({ state: "error", text: "the disk is full" });
  });

  test("is given up when too much waits to be sent", async () => {
    const { statuses, queue, emit, goLive } = bench();
    const { ended } = await goLive();
    queue.bytes = MAX_QUEUED_BYTES + 1;
    emit();
    await ended;
    expect(statuses.at(-1)).toMatchObject({ state: "error", text: expect.stringMatching(/too slow/) });
  });

  test("whose recorder fails is an error", async () => {
    const { statuses, failed, goLive } = bench();
    const { ended } = await goLive();
    failed.resolve("the recorder failed");
    await ended;
    expect(statuses.at(-1)).toEqual({ state: "error", text: "the recorder failed" });
  });

  test("is closed at once when the page is left", async () => {
    const { publisher, log, goLive } = bench();
    const { ended } = await goLive();
    publisher.abandon();
    expect(log.slice(0, 4)).toEqual(["send", "stop", "send", "abandon"]);
    await ended;
  });

  test("does not wait for its last data when Stop is pressed again", async () => {
    const { publisher, log, goLive } = bench();
    const { ended } = await goLive();
    publisher.stop();
    publisher.stop();
    await ended;
    expect(log).toContain("abandon");
  });

  test("can be followed by another one", async () => {
    const { publisher, states, goLive } = bench();
    const first = await goLive();
    publisher.stop();
    await first.ended;
    const second = await goLive();
    publisher.stop();
    await second.ended;
    expect(states().filter((state) => state === "connecting")).toHaveLength(2);
  });
});
