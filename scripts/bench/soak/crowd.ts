import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { LIVE_SUBPROTOCOL } from "../../../server/protocol/live.ts";

/** How long a viewer stays, in ms. */
const STAY_MS = { least: 2_000, most: 15_000 };
/** An HLS viewer without a playlist to wait for asks again. */
const ASK_MS = 250;

/** Viewers of all kinds who come and go until told to stop; `count` at a time. */
export async function crowd(
  url: string,
  channels: readonly string[],
  count: number,
  signal: AbortSignal,
): Promise<void> {
  const seat = async (index: number) => {
    const watch = [watchSocket, watchAsleep, watchHls][index % 3] ?? watchSocket;
    while (!signal.aborted) {
      const channel = channels[Math.floor(Math.random() * channels.length)] ?? "";
      const stayMs = Math.round(STAY_MS.least + Math.random() * (STAY_MS.most - STAY_MS.least));
      await watch(url, channel, AbortSignal.any([signal, AbortSignal.timeout(stayMs)]));
    }
  };
  await Promise.all(Array.from({ length: count }, (_, index) => seat(index)));
}

async function watchSocket(url: string, channel: string, signal: AbortSignal): Promise<void> {
  await onSocket(url, channel, signal, () => {});
}

/** A viewer whose machine sleeps: its connection stays, and takes nothing. */
async function watchAsleep(url: string, channel: string, signal: AbortSignal): Promise<void> {
  await onSocket(url, channel, signal, (socket) => socket.pause());
}

async function onSocket(
  url: string,
  channel: string,
  signal: AbortSignal,
  opened: (socket: WebSocket) => void,
): Promise<void> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/live/${channel}/socket?wait=1`, LIVE_SUBPROTOCOL);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.on("error", () => {});
  socket.on("open", () => opened(socket));
  await Promise.race([closed, untilAborted(signal)]);
  socket.terminate();
  await closed;
}

/** Follows the first rendition's playlist by blocking reloads, and takes each part that it names. */
async function watchHls(url: string, channel: string, signal: AbortSignal): Promise<void> {
  const get = async (address: string) => {
    const response = await fetch(address, { signal });
    return response.ok ? { text: await response.text(), address: response.url } : undefined;
  };
  try {
    while (!signal.aborted) {
      const master = await get(`${url}/live/${channel}/master.m3u8`);
      const media = master?.text.split("\n").find((line) => line !== "" && !line.startsWith("#"));
      if (master === undefined || media === undefined) await sleep(ASK_MS, undefined, { signal });
      else await followPlaylist(new URL(media, master.address).href, get);
    }
  } catch {
    // Left, or the server did what a viewer survives by asking again.
    if (!signal.aborted) await sleep(ASK_MS);
  }
}

async function followPlaylist(
  address: string,
  get: (address: string) => Promise<{ readonly text: string } | undefined>,
): Promise<void> {
  for (let query = ""; ; ) {
    const playlist = await get(`${address}${query}`);
    if (playlist === undefined || playlist.text.includes("#EXT-X-ENDLIST")) return;
    const part = [...playlist.text.matchAll(/#EXT-X-PART:.*URI="([^"]+)"/g)].at(-1)?.[1];
    if (part !== undefined) await get(new URL(part, address).href);
    const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(playlist.text)?.[1] ?? 0);
    query = `?_HLS_msn=${first + (playlist.text.match(/#EXTINF/g)?.length ?? 0)}`;
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
