import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { AnalysisSettings } from "./analysis/analysis.ts";
import type { Config } from "./config.ts";
import { ControlPlane } from "./control/control-plane.ts";
import type { EventLog } from "./control/events/event-log.ts";
import { ConnectionLimit } from "./core/connection-limit.ts";
import { openDataDir } from "./core/data-dir.ts";
import { DiskFloor } from "./core/disk.ts";
import { FolderLock } from "./core/folder-lock.ts";
import { openFileLimit } from "./core/open-files.ts";
import { RequestLimit } from "./core/request-limit.ts";
import { Scope } from "./core/scope.ts";
import type { PagesOptions } from "./delivery/pages.ts";
import { WatchingSockets } from "./delivery/watching-sockets.ts";
import { NamedSources } from "./ingest/sources/named-sources.ts";
import { SourceStore } from "./ingest/sources/source-store.ts";
import { PostListener } from "./packaging/post-listener.ts";
import type { ChannelTable } from "./protocol/channel-table.ts";
import type { SourceTable } from "./protocol/sources.ts";
import type { Catalog } from "./recordings/catalog.ts";
import { chooseEncoder } from "./transcode/choose-encoder.ts";
import { prepareFfmpeg } from "./transcode/ffmpeg.ts";
import { findFfmpeg } from "./transcode/find-ffmpeg.ts";
import { apiOf } from "./wiring/api-parts.ts";
import { Broadcasting } from "./wiring/broadcasting.ts";
import { ChannelWishes } from "./wiring/channel-wishes.ts";
import { openChat } from "./wiring/chat-rooms.ts";
import { createHttp, installHttp, listen } from "./wiring/http.ts";
import { LiveStatistics } from "./wiring/live-statistics.ts";
import { pulledSources, sourcesFile } from "./wiring/pulled-sources.ts";
import { keepRecordings } from "./wiring/recording-keeping.ts";
import { setupOf } from "./wiring/server-setup.ts";
import { openTcpDoors, type TcpAddresses } from "./wiring/tcp-doors.ts";
import { openViewing } from "./wiring/viewing.ts";

/** The running service. Dispose it to stop: broadcasts end cleanly, archives are complete, no process is left. */
export interface App extends AsyncDisposable {
  readonly url: string;
  /** Where RTMP publishers begin their addresses; undefined when there is no RTMP. */
  readonly rtmpUrl: string | undefined;
  /** Where publishers of image frames connect to; undefined when there is no such port. */
  readonly framesUrl: string | undefined;
  /** The operator's token when this start has made it: nobody can read it afterwards. */
  readonly newAdminToken: string | undefined;
}

/** What the configuration file names beside the settings. */
export interface NamedInFile {
  readonly sources?: SourceTable;
  readonly channels?: ChannelTable;
}

/** Told of something that happened, and with what. */
type Report = (event: string, details: Record<string, unknown>) => void;

/** Builds the service, with what was named beside its settings. */
export async function startApp(config: Config, inFile: NamedInFile = {}): Promise<App> {
  const scope = new Scope();
  try {
    return await build(config, inFile, scope);
  } catch (error) {
    await scope.close(error).catch(() => {});
    throw error;
  }
}

/** Read it top to bottom: each part may use only the parts above it. */
async function build(config: Config, inFile: NamedInFile, scope: Scope): Promise<App> {
  const http = createHttp(config);
  const report: Report = (event, details) => http.log.warn(details, event);
  const told: Report = (event, details) => http.log.info(details, event);
  const ffmpeg = await readyFfmpeg(config, told);
  const dataDir = resolve(config.dataDir);
  await openDataDir(dataDir, report);
  scope.use(await FolderLock.take(dataDir));

  const control = scope.use(new ControlPlane({ ...config, dataDir, report }));
  const { events } = control;
  const wishes = new ChannelWishes({ config, channels: control.channels, inFile: inFile.channels ?? {} });
  const kept = keepRecordings(
    {
      folder: join(dataDir, "recordings"),
      binary: ffmpeg.binary,
      onRemoved: ({ id, channel }, reason) =>
        events.emit({ type: "recording.deleted", channel, broadcast: id, data: { reason } }),
      keepOf: (channel) => wishes.keepRule(channel),
      total: config.keep.total,
      store: config.store,
      report,
    },
    scope,
  );
  const { catalog, recorder } = kept;
  const left = await recorder.recover();
  // Logs that a crash left: without recording nobody wants them.
  const unrecordedDir = join(dataDir, "unrecorded");
  await rm(unrecordedDir, { recursive: true, force: true });

  const chat = openChat({ config, control, catalog, report });
  if (chat !== undefined) scope.use(chat);
  const viewing = openViewing(config, (channel) => sources.want(channel) !== undefined, scope);
  const listener = scope.use(await PostListener.start());
  const floor = watchedFloor(config, events, scope);
  const broadcasting = scope.use(
    new Broadcasting({
      ...{ config, ffmpeg, wishes, control, catalog, recorder, unrecordedDir, floor, viewing, listener, chat, report },
      analysis: analysisOf(config),
      loggerOf: (about) => http.log.child(about),
    }),
  );
  await broadcasting.goOn(left);
  const { registry, publishing } = broadcasting;

  const isWatched = (channel: string) => viewing.hub.isWatched(channel);
  const { binary } = ffmpeg;
  const sources = scope.use(pulledSources(config, { binary, registry, floor, isWatched, report, told }));
  const named = await NamedSources.start(sources, {
    store: new SourceStore(sourcesFile(dataDir)),
    fromFile: inFile.sources ?? {},
    report,
  });
  const figures = scope.use(
    new LiveStatistics({
      ...{ ...viewing, registry, catalog, events, floor, report },
      carried: (id) => broadcasting.carried(id),
      maxBroadcasts: config.maxBroadcasts,
    }),
  );
  const sockets = new WatchingSockets(control.watching);
  let tcp: Required<TcpAddresses> = { rtmpUrl: undefined, framesUrl: undefined };
  const limits = await limitsOf(config, (why) => http.log.error(why));
  const idleMs = config.idleSeconds * 1000;
  await installHttp(http, {
    ...{ ...viewing, ...kept, chat, publishing, idleMs, dataDir },
    limits: { ...limits, maxHeaderBytes: config.http.maxHeaderBytes },
    trustsNoProxy: config.trustedProxies.length === 0,
    maxMessageBytes: config.maxMessageBytes,
    api: apiOf({
      ...{ config, control, kept, broadcasting, sources, named, floor, chat, figures },
      setup: () => setupOf(config, tcp),
      onWatchChanged: (channel) => sockets.recheck(channel),
    }),
    sockets,
    watching: {
      check: (channel, token) => control.watching.check(channel, token),
      channelOf: async (broadcast) => kept.deleted.channelOf(broadcast) ?? (await catalog.channelOf(broadcast)),
    },
    allowedOrigins: config.allowedOrigins,
    demand: sources,
    growing: (id) => viewing.store.broadcast(id)?.growing,
    pages: config.pages ? pagesOf(config, wishes, catalog) : undefined,
  });
  const url = await listen(http, config.http, limits.connections, scope);
  tcp = await openTcpDoors(config, { publishing, idleMs, limits, report: told }, scope);
  // Broadcasts end while their viewers can still fetch the end; only then the door is shut.
  scope.use(broadcasting);
  return { url, ...tcp, newAdminToken: control.newAdminToken?.reveal(), [Symbol.asyncDispose]: () => scope.close() };
}

/** Finds FFmpeg, and what it can encode with. */
async function readyFfmpeg({ ffmpegPath, encoder: wanted }: Config, told: Report) {
  const { binary, version } = await findFfmpeg(ffmpegPath);
  await prepareFfmpeg(binary);
  const encoder = await chooseEncoder(binary, wanted, told);
  told("FFmpeg found", { binary, version, encoder });
  return { binary, encoder };
}

function watchedFloor({ dataDir, minFreeMb }: Config, events: EventLog, scope: Scope): DiskFloor {
  const floor = new DiskFloor(resolve(dataDir), minFreeMb);
  const watch = floor.watch(({ isLow, freeBytes, floorBytes }) => {
    if (isLow) events.emit({ type: "disk.low", data: { freeBytes, floorBytes } });
    else events.emit({ type: "disk.ok", data: { freeBytes } });
  });
  scope.defer(() => watch[Symbol.dispose]());
  return floor;
}

async function limitsOf({ connections, requests }: Config, onFull: (why: string) => void) {
  return {
    connections: new ConnectionLimit({ ...connections, openFiles: await openFileLimit(), onFull }),
    requests: new RequestLimit(requests),
  };
}

function pagesOf({ publicUrl }: Config, wishes: ChannelWishes, catalog: Catalog): PagesOptions {
  return {
    root: resolve(import.meta.dirname, "../web"),
    publicUrl,
    aboutChannel: (name) => wishes.about(name),
    aboutRecording: async (id) => {
      const channel = await catalog.channelOf(id);
      return channel === undefined ? undefined : wishes.about(channel);
    },
  };
}

/** Undefined when nothing is to be looked for. */
function analysisOf({ analysis }: Config): AnalysisSettings | undefined {
  const { analysers, module } = analysis;
  if (analysers.length === 0 && module === undefined) return undefined;
  return { ...analysis, module: module === undefined ? undefined : resolve(module) };
}
