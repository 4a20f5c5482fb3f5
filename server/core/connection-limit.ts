import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { AddressList } from "./address-list.ts";

/** How many connections one address may have, and which addresses may have any number. */
export interface ConnectionLimitOptions {
  readonly perAddress: number;
  /** Addresses and subnets such as `10.0.0.0/8`, or `*` for all. */
  readonly exempt: readonly string[];
}

/** Counts connections by the address they come from. */
export class ConnectionLimit {
  readonly #options: ConnectionLimitOptions;
  readonly #exempt: AddressList;
  readonly #counts = new Map<string, number>();
  /** Connections beyond the limit, by address and port. */
  readonly #excess = new Set<string>();

  /** Throws a `RangeError` for an exemption that is neither an address nor a subnet. */
  constructor(options: ConnectionLimitOptions) {
    this.#options = options;
    this.#exempt = new AddressList(options.exempt);
  }

  /** Counts every connection that a server takes from now on. */
  watch(server: EventEmitter): void {
    server.on("connection", (socket: Socket) => this.#count(socket));
  }

  /** Why this connection may not be used; undefined when it may. */
  refusal({ remoteAddress, remotePort }: Pick<Socket, "remoteAddress" | "remotePort">): string | undefined {
    if (this.#excess.size === 0 || !this.#excess.has(`${remoteAddress} ${remotePort}`)) return undefined;
    return `this address has ${this.#options.perAddress} connections and may have no more (MILLRACE_MAX_CONNECTIONS_PER_ADDRESS)`;
  }

  #count(socket: Socket): void {
    const { remoteAddress: address, remotePort } = socket;
    if (address === undefined || this.#exempt.has(address)) return;
    const count = (this.#counts.get(address) ?? 0) + 1;
    this.#counts.set(address, count);
    const name = `${address} ${remotePort}`;
    if (count > this.#options.perAddress) this.#excess.add(name);
    socket.once("close", () => {
      this.#excess.delete(name);
      const left = (this.#counts.get(address) ?? 1) - 1;
      if (left === 0) this.#counts.delete(address);
      else this.#counts.set(address, left);
    });
  }
}
