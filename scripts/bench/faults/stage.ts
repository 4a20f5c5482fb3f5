import { createHash } from "node:crypto";
import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Scope } from "../../../server/core/scope.ts";
import { startChromium } from "../../example/chromium-session.ts";
import { fetchText, until } from "../../example/until.ts";
import { ResumablePublisher } from "../../publish/resumable-publisher.ts";
import { TcpProxy } from "../../publish/tcp-proxy.ts";
import { Camera } from "./camera.ts";
import { DataFolder } from "./data-folder.ts";
import { ServerLives } from "./server-lives.ts";
import { Watcher } from "./watcher.ts";

const CHANNEL = "storm";
const LIMIT_MS = 60_000;

/** One continuing broadcast, a line to its publisher that can be cut, and viewers in a browser. */
export interface Stage {
  readonly data: DataFolder;
  readonly server: ServerLives;
  readonly proxy: TcpProxy;
  readonly publisher: ResumablePublisher;
  readonly camera: Camera;
  readonly watchers: readonly Watcher[];
}

/** Starts everything, and waits until the viewers see the picture; it ends with the scope. */
export async function buildStage(scope: Scope): Promise<Stage> {
  const data = scope.use(new DataFolder());
  const server = scope.use(await ServerLives.start({ MILLRACE_DATA_DIR: data.path, MILLRACE_LADDER: "ORIGINAL" }));
  const proxy = scope.use(await TcpProxy.start(server.url));
  const publisher = new ResumablePublisher(proxy.url, CHANNEL);
  const camera = scope.use(new Camera((bytes) => publisher.send(bytes)));
  const watchers = await openWatchers(scope, server.url);
  return { data, server, proxy, publisher, camera, watchers };
}

/** Each has a browser of its own: of one browser's pages only the foremost is drawn. */
async function openWatchers(scope: Scope, url: string): Promise<Watcher[]> {
  await until({ what: "for the playlist", limitMs: LIMIT_MS }, () => fetchText(`${url}/live/${CHANNEL}/master.m3u8`));
  return Promise.all(
    ["socket", "hls"].map(async (delivery) => {
      const { context } = scope.use(await startChromium());
      return Watcher.open(context, url, CHANNEL, delivery);
    }),
  );
}

/** Waits until the publisher is let in and the server has everything that was recorded so far. */
export async function caughtUp({ publisher }: Stage): Promise<void> {
  const { produced } = publisher;
  await until({ what: "for the publisher to catch up", limitMs: LIMIT_MS, everyMs: 20 }, () =>
    publisher.isReady && publisher.acknowledged >= produced ? true : undefined,
  );
}

/** How many bytes were acknowledged and are not in the archive. */
export function missingBytes(stage: Stage): number {
  const { acknowledged } = stage.publisher;
  return Math.max(0, acknowledged - statSync(sourceOf(stage)).size);
}

/** The archive's SHA-256 in hex. */
export async function hashOfSource(stage: Stage): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(sourceOf(stage))) hash.update(bytes);
  return hash.digest("hex");
}

function sourceOf({ data, publisher }: Stage): string {
  const folder = join(data.path, "recordings", CHANNEL, publisher.broadcast);
  const name = readdirSync(folder).find((file) => file.startsWith("source."));
  return join(folder, name ?? "source");
}
