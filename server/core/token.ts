import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Secret } from "./secret.ts";

const TOKEN_BYTES = 32;

/** A random secret, in characters that need no escaping in an address. `prefix` tells people what it is for. */
export function newToken(prefix = ""): Secret {
  return new Secret(`${prefix}${randomBytes(TOKEN_BYTES).toString("base64url")}`);
}

/** What the server keeps of a token: its SHA-256 as hex. The token is random, so no salt is needed. */
export function hashOfToken(token: Secret): string {
  return createHash("sha256").update(token.reveal()).digest("hex");
}

/** Whether `token` is the one with this hash; takes as long for a near miss as for any other. */
export function isToken(token: Secret, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashOfToken(token), "hex"), Buffer.from(hash, "hex"));
}
