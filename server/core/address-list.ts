import { BlockList, isIPv4 } from "node:net";
import { bareAddress } from "./client-address.ts";

/** Addresses and subnets such as `10.0.0.0/8`, or `*` for all. */
export class AddressList {
  readonly #list = new BlockList();
  readonly #hasAll: boolean;

  /** Throws a `RangeError` for an entry that is neither an address nor a subnet. */
  constructor(entries: readonly string[]) {
    this.#hasAll = entries.includes("*");
    for (const entry of entries) if (entry !== "*") addSubnet(this.#list, entry);
  }

  /** Whether an address is in it, in any form that headers and sockets have; what is no address is in no list but `*`. */
  has(address: string | undefined): boolean {
    if (this.#hasAll) return true;
    const bare = bareAddress(address);
    return bare !== undefined && this.#list.check(bare, isIPv4(bare) ? "ipv4" : "ipv6");
  }
}

/** Whether it is an address or a subnet, in one of the forms that an {@link AddressList} reads. */
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
