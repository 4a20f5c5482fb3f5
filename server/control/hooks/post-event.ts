import { createHmac } from "node:crypto";
import { wallMs } from "../../core/clock.ts";
import type { ServerEvent } from "../../protocol/events.ts";
import type { StoredHook } from "./hook-store.ts";

/** A receiver that takes longer has not taken it. */
const TIMEOUT_MS = 10_000;

/**
 * Posts one event, signed as Standard Webhooks 1.0 says: HMAC-SHA-256 over id, time and body, so that nobody can make
 * one up or send an old one again. Rejects unless the answer's status is 2xx.
 */
export async function postEvent({ url, secret }: StoredHook, event: ServerEvent, signal: AbortSignal): Promise<void> {
  const id = `evt_${event.id}`;
  const timestamp = String(Math.floor(wallMs() / 1000));
  const body = JSON.stringify(event);
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  const response = await fetch(url, {
    method: "POST",
    redirect: "error",
    headers: {
      "content-type": "application/json",
      "user-agent": "Millrace",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${mac}`,
    },
    body,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  // What it says is of no interest, and must not stay open.
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
}
