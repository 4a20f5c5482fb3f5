import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Secret } from "../core/secret.ts";

const TOKEN_BYTES = 32;

/** A random secret that lets a publisher's next connection go on with its broadcast. */
export function newResumeToken(): Secret {
  return new Secret(randomBytes(TOKEN_BYTES).toString("base64url"));
}

/** What the server keeps of a token: its SHA-256 as hex. The token is random, so no salt is needed. */
export function hashOfToken(token: Secret): string {
  return createHash("sha256").update(token.reveal()).digest("hex");
}

/** Whether `token` is the one with this hash; takes as long for a near miss as for any other. */
export function isToken(token: Secret, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashOfToken(token), "hex"), Buffer.from(hash, "hex"));
}
