import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { AnalysisSettings } from "./analysis/analysis.ts";
import type { Broadcast } from "./broadcast/broadcast.ts";
import { BroadcastRegistry } from "./broadcast/registry.ts";
import type { Config } from "./config.ts";
import { ControlPlane } from "./control/control-plane.ts";
import type { LiveChannels } from "./control/routes.ts";
import { ConnectionLimit } from "./core/connection-limit.ts";
import { openDataDir } from "./core/data-dir.ts";
import { DiskFloor } from "./core/disk.ts";
import { FolderLock } from "./core/folder-lock.ts";
import { isLoopback } from "./core/loopback.ts";
import { openFileLimit } from "./core/open-files.ts";
import { RequestLimit } from "./core/request-limit.ts";
import { Scope } from "./core/scope.ts";
import { NamedSources } from "./ingest/sources/named-sources.ts";
import { SourceStore } from "./ingest/sources/source-store.ts";
import type { LiveStore } from "./packaging/live-store.ts";
import type { Past } from "./packaging/past.ts";
import { PostListener } from "./packaging/post-listener.ts";
import type { ChannelTable } from "./protocol/channel-table.ts";
import type { SourceTable } from "./protocol/sources.ts";
import { Catalog } from "./recordings/catalog.ts";
import { Recorder } from "./recordings/recorder.ts";
import { chooseEncoder } from "./transcode/choose-encoder.ts";
import { prepareFfmpeg } from "./transcode/ffmpeg.ts";
import { findFfmpeg } from "./transcode/find-ffmpeg.ts";
import { ChannelWishes } from "./wiring/channel-wishes.ts";
import { openChat } from "./wiring/chat-rooms.ts";
import { createHttp, installHttp, listen } from "./wiring/http.ts";
import { LeftBroadcasts } from "./wiring/left-broadcasts.ts";
import { LiveBroadcast } from "./wiring/live-broadcast.ts";
import { showFrames } from "./wiring/live-frames.ts";
import { LiveStatistics } from "./wiring/live-statistics.ts";
import { recorded, unrecorded } from "./wiring/log-places.ts";
import { PublishingRules } from "./wiring/publishing-rules.ts";
import { pulledSources, sourcesFile } from "./wiring/pulled-sources.ts";
import { keepRecordings } from "./wiring/recording-keeping.ts";
import { remuxer } from "./wiring/remuxer.ts";
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

/** When the server stops, encoders have this long to finish what has been published. */
const STOP_GRACE_MS = 4_000;

/** What the configuration file names beside the settings. */
export interface NamedInFile {
  readonly sources?: SourceTable;
  readonly channels?: ChannelTable;
}

/** Builds the service, with what was named beside its settings. Read it top to bottom: each part may use only the parts above it. */
export async function startApp(config: Config, inFile: NamedInFile = {}): Promise<App> {
  const scope = new Scope();
  try {
    const http = createHttp(config);
    const { binary, version } = await findFfmpeg(config.ffmpegPath);
    await prepareFfmpeg(binary);

    const report = (event: string, details: Record<string, unknown>) => http.log.warn(details, event);
    const told = (event: string, details: Record<string, unknown>) => http.log.info(details, event);
    const encoder = await chooseEncoder(binary, config.encoder, told);
    http.log.info({ binary, version, encoder }, "FFmpeg found");
    const dataDir = resolve(config.dataDir);
    await openDataDir(dataDir, report);
    scope.use(await FolderLock.take(dataDir));
    const isLocal = isLoopback(config.http.host);
    const control = scope.use(new ControlPlane({ ...config, dataDir, isLocal, report }));
    const { events } = control;
    const wishes = new ChannelWishes({ config, channels: control.channels, inFile: inFile.channels ?? {} });
    const catalog = new Catalog(join(dataDir, "recordings"));
    const recorder = scope.use(
      new Recorder({
        catalog,
        remux: remuxer(binary),
        report,
        onComplete: () => {
          keeping.retention.soon();
          keeping.elsewhere?.soon();
        },
      }),
    );
    const onRemoved = ({ id, channel }: { id: string; channel: string }, reason: string) =>
      events.emit({ type: "recording.deleted", channel, broadcast: id, data: { reason } });
    const keepOf = (channel: string) => wishes.keepRule(channel);
    const isMaking = (id: string) => recorder.isMaking(id);
    const { total } = config.keep;
    const keeping = keepRecordings(
      { catalog, binary, onRemoved, report, keepOf, total, isMaking, store: config.store },
      scope,
    );
    const left = await recorder.recover();
    // Logs that a crash left: without recording nobody wants them.
    await rm(join(dataDir, "unrecorded"), { recursive: true, force: true });

    const chat = openChat({ config, control, catalog, report });
    if (chat !== undefined) scope.use(chat);
    const viewing = openViewing(config, (channel) => sources.want(channel) !== undefined, scope);
    const { store, hub, frames } = viewing;
    const listener = scope.use(await PostListener.start());
    const live = new Map<string, LiveBroadcast>();
    const stopLive = () => Promise.all([...live.values()].map((broadcast) => broadcast.stop(STOP_GRACE_MS)));

    const carry = (broadcast: Broadcast, past?: Past, viewers?: LiveStore) => {
      const { id, channel } = broadcast;
      const folder = catalog.folderOf(broadcast);
      const carried = new LiveBroadcast(broadcast, {
        store: viewers,
        listener,
        encoding: { ...config, binary, encoder, ...wishes.encoding(channel, publishing.grantOf(id)) },
        // Nobody watches what only its recording is finished of.
        analysis: viewers === undefined ? undefined : analysisOf(config),
        partSeconds: config.partSeconds,
        windowSeconds: config.windowSeconds,
        recording: broadcast.isRecorded ? { recorder, folder, leave: () => leftBroadcasts.later(id) } : undefined,
        logger: http.log.child({ channel, broadcast: id }),
        tell: (happened) => events.emit({ ...happened, channel, broadcast: id }),
        past,
      });
      live.set(id, carried);
      void carried.done.then(() => live.delete(id));
      return carried;
    };
    const begin = (broadcast: Broadcast, past?: Past) => {
      void showFrames(broadcast, frames).catch((err: unknown) => http.log.error({ err }, "images cannot be shown"));
      chat?.follow(broadcast);
      return carry(broadcast, past, store);
    };
    const resumeMs = config.resumeSeconds * 1000;
    const kept = recorded(catalog, recorder);
    const unkept = unrecorded(join(dataDir, "unrecorded"));
    const registry = scope.use(
      new BroadcastRegistry({
        maxBroadcasts: config.maxBroadcasts,
        resumeMs,
        maxKbps: config.maxKbps,
        onBegin: begin,
        place: (broadcast) => ((broadcast.isKept ?? config.record) ? kept : unkept)(broadcast),
      }),
    );

    const floor = new DiskFloor(dataDir, config.minFreeMb);
    const disk = floor.watch(({ isLow, freeBytes, floorBytes }) => {
      if (isLow) events.emit({ type: "disk.low", data: { freeBytes, floorBytes } });
      else events.emit({ type: "disk.ok", data: { freeBytes } });
    });
    scope.defer(() => disk[Symbol.dispose]());
    const isKept = (channel: string) => wishes.isKept(channel);
    const publishing = new PublishingRules({ registry, floor, rule: control.publishRule, isKept });
    const isWatched = (channel: string) => hub.isWatched(channel);
    const sources = pulledSources(config, { binary, registry, floor, isWatched, report, told });
    const leftBroadcasts = new LeftBroadcasts({
      registry,
      catalog,
      recorder,
      resumeMs,
      floor,
      begin,
      finish: (...over) => carry(...over),
      report,
    });
    const stopBroadcasts = async () => {
      const stopped = leftBroadcasts.stop();
      await registry[Symbol.asyncDispose]();
      await Promise.all([stopLive(), stopped]);
    };
    scope.defer(stopBroadcasts);
    await leftBroadcasts.goOn(left);

    scope.use(sources);
    const named = await NamedSources.start(sources, {
      store: new SourceStore(sourcesFile(dataDir)),
      fromFile: inFile.sources ?? {},
      report,
    });
    const onFull = (why: string) => http.log.error(why);
    const connections = new ConnectionLimit({ ...config.connections, openFiles: await openFileLimit(), onFull });
    const idleMs = config.idleSeconds * 1000;
    const limits = { connections, requests: new RequestLimit(config.requests) };
    const { maxBroadcasts } = config;
    const parts = { ...viewing, registry, live, catalog, events, floor, maxBroadcasts, report };
    const figures = scope.use(new LiveStatistics(parts));
    const about = {
      aboutChannel: (name: string) => wishes.about(name),
      aboutRecording: async (id: string) => {
        const channel = await catalog.channelOf(id);
        return channel === undefined ? undefined : wishes.about(channel);
      },
    };
    const liveChannels: LiveChannels = {
      onOffer: () => sources.onOffer,
      list: () => registry.live.flatMap((broadcast) => live.get(broadcast.id)?.state ?? []),
      on: (channel) => live.get(registry.on(channel)?.id ?? "")?.state,
    };
    let tcp: Required<TcpAddresses> = { rtmpUrl: undefined, framesUrl: undefined };
    await installHttp(http, {
      limits: { ...limits, maxHeaderBytes: config.http.maxHeaderBytes },
      maxMessageBytes: config.maxMessageBytes,
      api: {
        admin: control.admin,
        stop: (id, why) => registry.stop(id, why),
        liveIds: () => registry.live.map(({ id }) => id),
        stopChannel: (channel, why) => registry.stop(registry.on(channel)?.id ?? "", why),
        onRevoked: (keyId) => publishing.revoked(keyId),
        sources: named,
        recordings: keeping.recordings,
        events,
        store: control.channels,
        keys: control.keys,
        links: control.links,
        watching: control.watching,
        problems: async () => [
          ...((await floor.look()).isLow ? ["too little of the disk is free"] : []),
          ...(registry.live.length >= config.maxBroadcasts ? ["all places for broadcasts are taken"] : []),
        ],
        chat: chat?.hub,
        hooks: control.hooks,
        setup: () => setupOf(config, tcp),
        figures,
        channels: liveChannels,
      },
      watching: {
        check: (channel, token) => control.watching.check(channel, token),
        channelOf: async (broadcast) => keeping.deleted.channelOf(broadcast) ?? (await catalog.channelOf(broadcast)),
      },
      allowedOrigins: config.allowedOrigins,
      ...viewing,
      demand: sources,
      catalog,
      ...keeping,
      chat,
      growing: (id) => store.broadcast(id)?.growing,
      publishing,
      idleMs,
      pages: config.pages
        ? { root: resolve(import.meta.dirname, "../web"), publicUrl: config.publicUrl, ...about }
        : undefined,
      dataDir,
    });
    const url = await listen(http, config.http, connections, scope);
    tcp = await openTcpDoors(config, { publishing, idleMs, limits, report: told }, scope);
    // Broadcasts end while their viewers can still fetch the end; only then the door is shut.
    scope.defer(stopBroadcasts);
    return { url, ...tcp, newAdminToken: control.newAdminToken?.reveal(), [Symbol.asyncDispose]: () => scope.close() };
  } catch (error) {
    await scope.close(error).catch(() => {});
    throw error;
  }
}

/** Undefined when nothing is to be looked for. */
function analysisOf({ analysis }: Config): AnalysisSettings | undefined {
  const { analysers, module } = analysis;
  if (analysers.length === 0 && module === undefined) return undefined;
  return { ...analysis, module: module === undefined ? undefined : resolve(module) };
}
