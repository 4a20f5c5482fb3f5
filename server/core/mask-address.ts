import { isIPv6 } from "node:net";

/** An address without the part that tells people apart: the last byte of IPv4, all but the first 48 bits of IPv6. */
export function maskAddress(address: string | undefined): string {
  if (address === undefined || address === "") return "";
  const bare = address.replace(/^::ffff:(?=\d+\.)/, "");
  if (!isIPv6(bare)) return bare.replace(/\.\d+$/, ".x");
  const [head = ""] = bare.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  return `${groups.slice(0, 3).join(":")}::x`;
}
