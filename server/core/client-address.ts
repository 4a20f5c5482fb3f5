import { isIP, isIPv4 } from "node:net";

/**
 * Who sent a request, as Fastify tells it: `ips` is there where proxies are trusted, and begins with whoever the
 * connection belongs to, followed by what each trusted proxy named before it.
 */
export interface Sender {
  readonly ip: string;
  readonly ips?: readonly string[] | undefined;
}

/**
 * The address of whoever a request is from: behind trusted proxies the right-most of X-Forwarded-For that is none of
 * them. Where a proxy names something that is no address, it is the proxy's own. Undefined when the client has gone.
 */
export function clientAddress({ ip, ips = [ip] }: Sender): string | undefined {
  return ips.map(bareAddress).findLast((address) => address !== undefined);
}

/** Whether a trusted proxy has passed a request on: its connection is the proxy's then, not the client's. */
export function isPassedOn({ ips }: Sender): boolean {
  return ips !== undefined && ips.length > 1;
}

/**
 * An address alone, of what headers and sockets call one: without port, brackets and zone, and IPv4 as such. Undefined
 * when it is none.
 */
export function bareAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [, inBrackets] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text) ?? [];
  const [, beforePort] = /^([\d.]+):\d{1,5}$/.exec(text) ?? [];
  const address = (inBrackets ?? beforePort ?? text).replace(/%.*$/, "");
  const [, asIPv4 = ""] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (isIPv4(asIPv4)) return asIPv4;
  return isIP(address) === 0 ? undefined : address;
}
