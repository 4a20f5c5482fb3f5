import { createHmac, timingSafeEqual } from "node:crypto";
import { wallMs } from "../../core/clock.ts";
import { LiveError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import type { LinkGenerations } from "./link-generations.ts";

/** `EXPIRY.MAC`: seconds since 1970 in base 36, and what proves that we wrote them. Needs no escaping in an address. */
const TOKEN = /^([0-9a-z]{1,10})\.([A-Za-z0-9_-]{43})$/;

/** A token for one channel: its live addresses and its recordings. */
export interface SignedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Signs leave to watch a channel until a certain time (HMAC-SHA-256). No link is stored: they can be withdrawn only all
 * together, by a new generation of the channel's links.
 */
export class WatchLinks {
  readonly #secret: Secret;
  readonly #generations: Pick<LinkGenerations, "of" | "renew">;

  constructor(secret: Secret, generations: Pick<LinkGenerations, "of" | "renew">) {
    this.#secret = secret;
    this.#generations = generations;
  }

  sign(channel: string, seconds: number): SignedToken {
    const expiry = Math.floor(wallMs() / 1000) + seconds;
    const text = expiry.toString(36);
    return { token: `${text}.${this.#mac(channel, text).toString("base64url")}`, expiresAt: new Date(expiry * 1000) };
  }

  /** Throws `bad_key` that says what is wrong with the token. */
  check(channel: string, token: string | undefined): void {
    if (token === undefined) throw refused("this channel is watched with a link that its owner gives out");
    const [, text = "", mac = ""] = TOKEN.exec(token) ?? [];
    if (text === "" || !timingSafeEqual(Buffer.from(mac, "base64url"), this.#mac(channel, text))) {
      throw refused("this link is not one for this channel, or has been withdrawn");
    }
    if (Number.parseInt(text, 36) * 1000 <= wallMs()) throw refused("this link has expired: ask for a new one");
  }

  /** All links of a channel that were made so far are good no more. */
  withdraw(channel: string): void {
    this.#generations.renew(channel);
  }

  #mac(channel: string, expiry: string): Buffer {
    const generation = this.#generations.of(channel);
    // The first generation is older than the word.
    const suffix = generation === 0 ? "" : `\n${generation}`;
    return createHmac("sha256", this.#secret.reveal()).update(`watch\n${channel}\n${expiry}${suffix}`).digest();
  }
}

function refused(why: string): LiveError {
  return new LiveError("bad_key", why);
}
