import type { EventEmitter } from "node:events";
import { BlockList, isIPv4, type Socket } from "node:net";

/** How many connections one address may have, and which addresses may have any number. */
export interface ConnectionLimitOptions {
  readonly perAddress: number;
  /** Addresses and subnets such as `10.0.0.0/8`, or `*` for all. */
  readonly exempt: readonly string[];
}

/** Counts connections by the address they come from. */
export class ConnectionLimit {
  readonly #options: ConnectionLimitOptions;
  readonly #exempt = new BlockList();
  readonly #counts = new Map<string, number>();
  /** Connections beyond the limit, by address and port. */
  readonly #excess = new Set<string>();

  /** Throws a `RangeError` for an exemption that is neither an address nor a subnet. */
  constructor(options: ConnectionLimitOptions) {
    this.#options = options;
    for (const entry of options.exempt) if (entry !== "*") addSubnet(this.#exempt, entry);
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
    if (address === undefined || this.#isExempt(address)) return;
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

  #isExempt(address: string): boolean {
    if (this.#options.exempt.includes("*")) return true;
    const bare = address.replace(/^::ffff:/, "");
    return this.#exempt.check(bare, isIPv4(bare) ? "ipv4" : "ipv6");
  }
}

/** Whether it is an address or a subnet, in one of the forms that a {@link ConnectionLimit} reads. */
export function isSubnet(entry: string): boolean {
  try {
    addSubnet(new BlockList(), entry);
    return true;
  } catch {
    return false;
  }
}

/** Reads `10.0.0.1`, `10.0.0.0/8` or the same of IPv6. */
function addSubnet(list: BlockList, entry: string): void {
  const [address = "", prefix, ...rest] = entry.split("/");
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  const widest = family === "ipv4" ? 32 : 128;
  const bits = prefix === undefined ? widest : Number(prefix);
  try {
    if (rest.length > 0 || prefix === "") throw new RangeError();
    list.addSubnet(address, bits, family);
  } catch {
    throw new RangeError(`“${entry}” is neither an address nor a subnet such as 10.0.0.0/8`);
  }
}
