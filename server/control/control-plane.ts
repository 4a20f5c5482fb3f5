import { join } from "node:path";
import { Database } from "../core/database.ts";
import type { Secret } from "../core/secret.ts";
import type { AdminRule } from "./admin.ts";
import { ChannelStore } from "./channels/channel-store.ts";
import { KeyStore } from "./channels/key-store.ts";
import { EventLog } from "./events/event-log.ts";
import { HookStore } from "./hooks/hook-store.ts";
import { Hooks } from "./hooks/hooks.ts";
import { Guesses } from "./permission/guesses.ts";
import { LinkGenerations } from "./permission/link-generations.ts";
import type { PublishRule } from "./permission/publish-permission.ts";
import { adminToken, signingSecret } from "./permission/secrets.ts";
import { WatchLinks } from "./permission/watch-links.ts";
import { Watching } from "./permission/watching.ts";
import { MIGRATIONS } from "./tables.ts";

/** The file in the data folder. */
const FILE = "millrace.db";
/** An application that decides about a publisher has so long for it. */
const HOOK_MS = 5_000;

/** What the settings say about who may do what. */
export interface ControlPlaneOptions {
  readonly dataDir: string;
  /** Only this machine can reach the server. */
  readonly isLocal: boolean;
  readonly adminToken: Secret | undefined;
  readonly publish: "open" | "keys" | "webhook";
  readonly publishHook: { readonly url: string | undefined; readonly authorization: Secret | undefined };
  /** Told of what cannot be kept or delivered. */
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

/** Channels, keys, links, the operator's token and the events, with the database that they are kept in. */
export class ControlPlane implements AsyncDisposable {
  readonly events: EventLog;
  readonly hooks: Hooks;
  readonly channels: ChannelStore;
  readonly keys: KeyStore;
  readonly links: WatchLinks;
  readonly watching: Watching;
  readonly admin: AdminRule;
  readonly publishRule: PublishRule;
  /** The operator's token, made just now: it has to be shown, and can be this once. */
  readonly newAdminToken: Secret | undefined;
  /** What the server itself signs with. */
  readonly signing: Secret;
  /** For what other stages keep in it. */
  readonly db: Database;

  constructor(options: ControlPlaneOptions) {
    const db = new Database(join(options.dataDir, FILE), MIGRATIONS);
    this.db = db;
    const { report } = options;
    this.events = new EventLog(db, (err) => report("an event could not be kept", { err }));
    this.hooks = new Hooks({ store: new HookStore(db), events: this.events, report });
    this.channels = new ChannelStore(db);
    this.keys = new KeyStore(db);
    this.signing = signingSecret(db);
    this.links = new WatchLinks(this.signing, new LinkGenerations(db));
    this.watching = new Watching(this.channels, this.links);
    const guesses = new Guesses();
    const isOpen = options.isLocal && options.adminToken === undefined;
    const token = isOpen ? undefined : adminToken(db, options.adminToken);
    this.newAdminToken = token?.made;
    this.admin = { knows: token?.knows, guesses };
    this.publishRule = ruleOf(options, this.keys, guesses);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hooks[Symbol.asyncDispose]();
    await this.db[Symbol.asyncDispose]();
  }
}

function ruleOf({ publish, publishHook }: ControlPlaneOptions, keys: KeyStore, guesses: Guesses): PublishRule {
  const { url, authorization } = publishHook;
  if (publish === "open") return { kind: "open" };
  if (publish === "keys") return { kind: "keys", keys, guesses };
  if (url === undefined) throw new Error("nobody is named who decides about publishing");
  return { kind: "webhook", hook: { url, authorization, timeoutMs: HOOK_MS }, guesses };
}
