import { LiveError } from "../../core/errors.ts";
import { parseAddress } from "../../protocol/source-address.ts";
import { isKept, type Source, type SourceSettings } from "../../protocol/sources.ts";
import { FolderWatch } from "./folder-watch.ts";
import type { Pull, PullInput, SourceParts } from "./pull.ts";
import { PulledChannel } from "./pulled-channel.ts";
import type { SourceFolder } from "./source-folder.ts";

/** What sources are made with. */
export interface SourcesOptions extends SourceParts {
  readonly folder: SourceFolder;
  /** Whether broadcasts are kept where nothing else is said. */
  readonly record: boolean;
  /** An SRT listener needs a passphrase: publishing is not open to all. */
  readonly needsPassphrase: boolean;
}

/** One source that was named. */
interface Named {
  readonly from: Source["from"];
  readonly settings: SourceSettings;
  readonly channels: Map<string, PulledChannel>;
  readonly watch: FolderWatch | undefined;
}

/** All sources that the server opens by itself, and the channels that they make. */
export class Sources implements AsyncDisposable {
  readonly #options: SourcesOptions;
  readonly #named = new Map<string, Named>();
  readonly #channels = new Map<string, PulledChannel>();
  #isClosed = false;

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /** What the API tells of them, by name. */
  get list(): Source[] {
    return [...this.#named]
      .map(([name, named]) => this.#describe(name, named))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Channels that are not live and start when somebody watches them. */
  get onOffer(): string[] {
    return [...this.#channels.values()].filter(({ isOnOffer }) => isOnOffer).map(({ channel }) => channel);
  }

  /** Somebody wants to watch a channel, see {@link PulledChannel.want}. */
  want(channel: string): "coming" | "there" | undefined {
    return this.#channels.get(channel)?.want();
  }

  /** Somebody is watching a channel. */
  touch(channel: string): void {
    this.#channels.get(channel)?.touch();
  }

  /** Where a source was named; undefined when there is none of this name. */
  fromOf(name: string): Source["from"] | undefined {
    return this.#named.get(name)?.from;
  }

  /** Names a source, in the place of one that has this name. Rejects when it is none that could ever work. */
  async set(name: string, settings: SourceSettings, from: Source["from"]): Promise<Source> {
    this.#check(name, settings);
    await this.#end(name);
    this.#refuseWhileClosed();
    const channels = new Map<string, PulledChannel>();
    const watch = settings.folder === undefined ? undefined : this.#watch(name, settings, settings.folder, channels);
    const named = { from, settings, channels, watch };
    this.#named.set(name, named);
    if (settings.folder === undefined) this.#add(name, settings, channels, this.#inputOf(settings));
    return this.#describe(name, named);
  }

  /** Resolves when nothing of it is left; returns false when there is none of this name. */
  async delete(name: string): Promise<boolean> {
    const wasThere = this.#named.has(name);
    await this.#end(name);
    return wasThere;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#named.keys()].map((name) => this.#end(name)));
  }

  #refuseWhileClosed(): void {
    if (this.#isClosed) throw new LiveError("no_room", "the server is stopping");
  }

  #check(name: string, { address, passphrase, folder }: SourceSettings): void {
    this.#refuseWhileClosed();
    const taken = folder === undefined ? this.#channels.has(name) && !this.#named.has(name) : false;
    if (taken) throw new LiveError("channel_busy", `the channel ${name} is a file of a watched folder`);
    const listens = address !== undefined && parseAddress(address).kind === "srt-listener";
    if (listens && passphrase === undefined && this.#options.needsPassphrase) {
      throw new LiveError("bad_request", "a listener needs a passphrase here: publishing is not open to everyone");
    }
  }

  async #end(name: string): Promise<void> {
    const named = this.#named.get(name);
    if (named === undefined) return;
    this.#named.delete(name);
    await named.watch?.[Symbol.asyncDispose]();
    await Promise.all([...named.channels.keys()].map((channel) => this.#remove(named.channels, channel)));
  }

  #watch(name: string, settings: SourceSettings, path: string, channels: Map<string, PulledChannel>): FolderWatch {
    const { folder, report } = this.#options;
    return new FolderWatch({
      find: () => folder.find(path, "folder"),
      onFound: (channel, file) => {
        if (this.#channels.has(channel)) return false;
        this.#add(channel, settings, channels, this.#fileInput(`${path}/${file}`));
        report("a file has become a channel", { source: name, channel, file });
        return true;
      },
      onGone: (channel) => this.#remove(channels, channel),
      report: (event, details) => report(event, { source: name, ...details }),
    });
  }

  #add(
    channel: string,
    settings: SourceSettings,
    channels: Map<string, PulledChannel>,
    input: () => Promise<PullInput>,
  ): void {
    const { start, stopAfterSeconds, address } = settings;
    const listens = address !== undefined && parseAddress(address).kind === "srt-listener";
    const pulled = new PulledChannel(
      {
        channel,
        open: async (): Promise<Pull> => this.#options.pull(await input()),
        isKept: isKept(settings, this.#options.record),
        onDemand: start === "demand",
        stopAfterMs: stopAfterSeconds * 1000,
        listens,
      },
      this.#options,
    );
    channels.set(channel, pulled);
    this.#channels.set(channel, pulled);
  }

  async #remove(channels: Map<string, PulledChannel>, channel: string): Promise<void> {
    const pulled = channels.get(channel);
    if (pulled === undefined) return;
    await pulled[Symbol.asyncDispose]();
    channels.delete(channel);
    if (this.#channels.get(channel) === pulled) this.#channels.delete(channel);
  }

  #inputOf({ file, address, passphrase }: SourceSettings): () => Promise<PullInput> {
    if (address === undefined) return this.#fileInput(file ?? "");
    const { kind, href, shown } = parseAddress(address);
    return async () => ({ kind, location: href, shown, passphrase });
  }

  /** Found anew each time: it may have come, gone or turned into a link. */
  #fileInput(path: string): () => Promise<PullInput> {
    return async () => ({ kind: "file", location: await this.#options.folder.find(path, "file"), shown: path });
  }

  #describe(name: string, { from, settings, channels, watch }: Named): Source {
    const { file, folder, address, passphrase, start, stopAfterSeconds } = settings;
    const parsed = address === undefined ? undefined : parseAddress(address);
    return {
      name,
      from,
      kind: parsed?.kind ?? (folder === undefined ? "file" : "folder"),
      location: parsed?.shown ?? file ?? folder ?? "",
      isWhole: passphrase === undefined && parsed?.shown === parsed?.href,
      start,
      stopAfterSeconds,
      record: isKept(settings, this.#options.record),
      problem: watch?.problem ?? null,
      channels: [...channels.values()].map(({ state }) => state),
    };
  }
}
