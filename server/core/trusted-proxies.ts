import { AddressList } from "./address-list.ts";

/**
 * Options for Fastify: whose word is taken for where requests come from and under which name they were sent
 * (X-Forwarded-For, -Proto, -Host). Without any such proxy nobody's is, and the headers are not even looked at.
 */
export function trusting(proxies: readonly string[]): { readonly trustProxy?: (address: string) => boolean } {
  const trusted = new AddressList(proxies);
  return proxies.length === 0 ? {} : { trustProxy: (address) => trusted.has(address) };
}
