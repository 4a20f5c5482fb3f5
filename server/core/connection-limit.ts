import type { Server, Socket } from "node:net";
import { AddressList } from "./address-list.ts";
import { bareAddress } from "./client-address.ts";
import { monotonicMs } from "./clock.ts";

/** A server that is full says so this often, not for each connection. */
const SAY_EVERY_MS = 60_000;
/** Open files that connections leave for archives, encoders and the rest, as far as there are twice as many. */
const RESERVED_FILES = 512;

/** How many connections one address may have, and which addresses may have any number. */
export interface ConnectionLimitOptions {
  readonly perAddress: number;
  /** Addresses and subnets such as `10.0.0.0/8`, or `*` for all. */
  readonly exempt: readonly string[];
  /** Proxies: a connection of theirs is nobody's, and what they pass on counts instead, see {@link ConnectionLimit.enter}. */
  readonly proxies?: readonly string[];
  /** How many files this process may have open, when that is known: every connection is one of them. */
  readonly openFiles?: number | undefined;
  /** Called now and then while connections are turned away, with why. */
  readonly onFull?: (why: string) => void;
}

/** Counts connections by the address they come from; those that proxies share, by what comes over them. */
export class ConnectionLimit {
  readonly #options: ConnectionLimitOptions;
  readonly #exempt: AddressList;
  readonly #proxies: AddressList;
  readonly #counts = new Map<string, number>();
  /** Connections beyond the limit, by address and port. */
  readonly #excess = new Set<string>();
  #saidMs = Number.NEGATIVE_INFINITY;

  /** Throws a `RangeError` for an exemption that is neither an address nor a subnet. */
  constructor(options: ConnectionLimitOptions) {
    this.#options = options;
    this.#exempt = new AddressList(options.exempt);
    this.#proxies = new AddressList(options.proxies ?? []);
  }

  /** Counts every connection that a server takes from now on. */
  watch(server: Server): void {
    const { openFiles } = this.#options;
    if (openFiles !== undefined) {
      // Turned away here they cost nothing; out of files, the archives could not be written either.
      server.maxConnections = openFiles - Math.min(RESERVED_FILES, Math.ceil(openFiles / 2));
      server.on("drop", () => this.#sayFull(`${server.maxConnections} connections are open, and more are turned away`));
    }
    // The system may have none left all the same. Who is not accepted now tries again; the others must not suffer.
    server.on("error", (error) => {
      // Whoever makes it listen hears of what goes wrong with that.
      if (server.listening) this.#sayFull(`a connection could not be accepted: ${error.message}`);
    });
    server.on("connection", (socket: Socket) => this.#count(socket));
  }

  /** Why this connection may not be used; undefined when it may. */
  refusal({ remoteAddress, remotePort }: Pick<Socket, "remoteAddress" | "remotePort">): string | undefined {
    if (this.#excess.size === 0 || !this.#excess.has(`${remoteAddress} ${remotePort}`)) return undefined;
    return this.#words;
  }

  /**
   * Counts what a proxy has passed on for `address`, a request in progress or a WebSocket, like a connection of its own.
   * Returns what ends it, or why it may not be.
   */
  enter(address: string): (() => void) | string {
    if (this.#exempt.has(address)) return () => {};
    if ((this.#counts.get(address) ?? 0) >= this.#options.perAddress) return this.#words;
    this.#add(address);
    return () => this.#remove(address);
  }

  get #words(): string {
    return `this address has ${this.#options.perAddress} connections and may have no more (MILLRACE_MAX_CONNECTIONS_PER_ADDRESS)`;
  }

  #sayFull(what: string): void {
    if (monotonicMs() - this.#saidMs < SAY_EVERY_MS) return;
    this.#saidMs = monotonicMs();
    const { openFiles = "unknown" } = this.#options;
    this.#options.onFull?.(`${what}; this process may have so many files open (ulimit -n): ${openFiles}`);
  }

  #count(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    const address = bareAddress(remoteAddress);
    if (address === undefined || this.#exempt.has(address) || this.#proxies.has(address)) return;
    const name = `${remoteAddress} ${remotePort}`;
    if (this.#add(address) > this.#options.perAddress) this.#excess.add(name);
    socket.once("close", () => {
      this.#excess.delete(name);
      this.#remove(address);
    });
  }

  #add(address: string): number {
    const count = (this.#counts.get(address) ?? 0) + 1;
    this.#counts.set(address, count);
    return count;
  }

  #remove(address: string): void {
    const left = (this.#counts.get(address) ?? 1) - 1;
    if (left === 0) this.#counts.delete(address);
    else this.#counts.set(address, left);
  }
}
