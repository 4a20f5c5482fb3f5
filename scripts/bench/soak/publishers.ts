import { setTimeout as sleep } from "node:timers/promises";
import { descendantsOf } from "../../example/processes.ts";
import { ResumablePublisher } from "../../publish/resumable-publisher.ts";
import { paced } from "../load.ts";

/** What is published each time, and how long it is. */
export interface Clip {
  readonly bytes: Uint8Array;
  readonly seconds: number;
}

/** A publisher who comes and goes until told to stop: each time a broadcast of some seconds, at its end in order. */
export async function publishAgainAndAgain(
  url: string,
  channel: string,
  clip: Clip,
  signal: AbortSignal,
): Promise<PublisherCount> {
  const count = { broadcasts: 0, notWhole: 0 };
  while (!signal.aborted) {
    const publisher = new ResumablePublisher(url, channel);
    const fault = setInterval(() => {
      if (Math.random() < DROP_CHANCE) publisher.drop(Math.random() < 0.5 ? "reset" : "clean");
    }, 1000);
    try {
      for await (const piece of paced(clip.bytes, clip.seconds)) {
        publisher.send(piece);
        if (signal.aborted) break;
      }
      const { code } = await publisher.end();
      count.broadcasts += 1;
      if (code !== 1000 || publisher.acknowledged !== publisher.produced) count.notWhole += 1;
    } finally {
      clearInterval(fault);
    }
  }
  return count;
}

/** How many broadcasts there were, and how many of them did not end with all their bytes acknowledged. */
export interface PublisherCount {
  broadcasts: number;
  notWhole: number;
}

/** Of a connection, each second. */
const DROP_CHANCE = 0.1;
const BETWEEN_MS = 4_000;

/** Kills or stops an FFmpeg of the server every few seconds, until told to stop; tells how many. */
export async function strikeEncoders(pid: number, signal: AbortSignal): Promise<number> {
  for (let struck = 0; ; struck++) {
    await sleep(BETWEEN_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return struck;
    const encoders = descendantsOf(pid).filter(({ name }) => name === "ffmpeg");
    const victim = encoders[Math.floor(Math.random() * encoders.length)];
    try {
      if (victim !== undefined) process.kill(victim.pid, Math.random() < 0.8 ? "SIGKILL" : "SIGSTOP");
    } catch {
      // It ended in the meantime.
    }
  }
}

/** Strangers who send what is no media, until told to stop; tells how many were refused in words. */
export async function sendRubbish(url: string, signal: AbortSignal): Promise<number> {
  for (let refused = 0; ; ) {
    await sleep(BETWEEN_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return refused;
    const body = crypto.getRandomValues(new Uint8Array(4096));
    const answer = await fetch(`${url}/publish/rubbish`, { method: "POST", body });
    await answer.body?.cancel();
    if (answer.status === 415) refused += 1;
  }
}
