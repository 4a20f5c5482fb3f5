import type { FastifyInstance } from "fastify";
import { AddressList } from "../core/address-list.ts";

/** Where a proxy of the operator's own is likely to be; anybody else may just pretend to be one. */
const NEAR = ["127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"];

/**
 * Says so, once, when requests come through a proxy that nobody has named: everybody has its address then, and where
 * only this machine should reach the server, the proxy's clients do.
 */
export function noticeUntrustedProxy(http: FastifyInstance): void {
  const near = new AddressList(NEAR);
  let isTold = false;
  http.addHook("onRequest", (request, _reply, done) => {
    const proxy = request.socket.remoteAddress;
    if (!isTold && request.headers["x-forwarded-for"] !== undefined && near.has(proxy)) {
      isTold = true;
      request.log.warn(
        { proxy },
        "requests come through a proxy that MILLRACE_TRUSTED_PROXIES does not name: all people have its address, " +
          "and what is open to this machine only is open to all of them (docs/deployment.md)",
      );
    }
    done();
  });
}
