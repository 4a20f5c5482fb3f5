import type { Readable } from "node:stream";

/**
 * Hands on what comes of a request's body, one piece after the other, at the pace at which `take` takes it. Rejects with
 * the reason of `over` when that aborts, and with what `take` rejects with; the last piece has been taken then, and the
 * body is neither destroyed nor read any further.
 */
export function readBody(body: Readable, take: (bytes: Buffer) => Promise<void>, over: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let taking = Promise.resolve();
    let isRefused = false;
    const onData = (bytes: Buffer) => {
      body.pause();
      taking = take(bytes).then(() => void body.resume(), leave);
    };
    const onEnd = () => {
      over.removeEventListener("abort", onOver);
      // Comes while the last bytes are taken, if all of them were there at once.
      void taking.then(() => {
        if (!isRefused) resolve();
      });
    };
    const onOver = () => leave(over.reason);
    const leave = (why: unknown) => {
      isRefused = true;
      body.off("data", onData).off("end", onEnd).pause();
      over.removeEventListener("abort", onOver);
      void taking.then(() => reject(why));
    };
    if (over.aborted) return leave(over.reason);
    over.addEventListener("abort", onOver, { once: true });
    body.on("data", onData).once("end", onEnd);
  });
}
