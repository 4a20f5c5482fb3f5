import { connect } from "node:tls";
import { fail, pass, reasonOf, unjudged, type Verdict } from "./rule.ts";

const LIMIT_MS = 5_000;
const HTTPS_PORT = 443;

/** Asks the server of an address, by ALPN (RFC 7301), whether it speaks HTTP/2. */
export function speaksHttp2(url: string): Promise<Verdict> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== "https:") return Promise.resolve(unjudged("over http:// nothing is negotiated; put TLS in front"));
  return new Promise((resolve) => {
    const where = { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? HTTPS_PORT : Number(port) };
    // Whose certificate it is matters to players, not to this question.
    const socket = connect({ ...where, ALPNProtocols: ["h2", "http/1.1"], rejectUnauthorized: false });
    const answer = (verdict: Verdict) => {
      socket.destroy();
      resolve(verdict);
    };
    socket.setTimeout(LIMIT_MS, () => answer(unjudged("no answer to the handshake")));
    socket.once("error", (error) => answer(unjudged(reasonOf(error))));
    socket.once("secureConnect", () => {
      const protocolName = socket.alpnProtocol || "nothing";
      answer(protocolName === "h2" ? pass("h2") : fail(`negotiates ${protocolName}`));
    });
  });
}
