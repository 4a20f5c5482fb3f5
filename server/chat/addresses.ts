import { createHmac } from "node:crypto";
import { AddressList } from "../core/address-list.ts";
import type { Secret } from "../core/secret.ts";

/** Groups of an IPv6 address that one customer of a network has: a /64. */
const OWN_GROUPS = 4;
const GROUPS = 8;

/** Where somebody comes from, as far as the chat needs it. */
export interface Caller {
  /** Keyed hash: what limits and bans go by, and what may be kept. */
  readonly hash: string;
  /** For people: `203.0.113.*`. */
  readonly masked: string;
  /** Many come from it, such as a proxy's: it cannot be limited or banned. */
  readonly isShared: boolean;
}

/** Makes of an address what may be kept of it. */
export class Addresses {
  readonly #secret: Secret;
  readonly #shared: AddressList;

  /** `secret` keeps others from trying all addresses against a hash; `shared` are addresses that many come from. */
  constructor(secret: Secret, shared: readonly string[]) {
    this.#secret = secret;
    this.#shared = new AddressList(shared);
  }

  /** Knows a caller by its address; one without an address is the same as any other without. */
  caller(address: string): Caller {
    const network = networkOf(address);
    const hash = createHmac("sha256", this.#secret.reveal()).update(`chat\n${network}`).digest("hex");
    return { hash, masked: masked(network), isShared: this.#shared.has(address) };
  }
}

/** An IPv4 address as it is; of an IPv6 one the network that its customer has. */
export function networkOf(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (!bare.includes(":")) return bare;
  const [head = "", tail] = bare.toLowerCase().split("::", 2);
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill("0"), ...after];
  return groups
    .slice(0, OWN_GROUPS)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}

function masked(network: string): string {
  if (network === "") return "unknown";
  if (!network.includes(":")) return network.replace(/\.\d+$/, ".*");
  return `${network.split(":").slice(0, 3).join(":")}:*`;
}
