import "./zod-setup.ts";
import type { z } from "zod";
import type { Channel, Recording } from "../../server/protocol/api.ts";
import { channel, channelList, problem, recording, recordingList } from "../../server/protocol/api.ts";
import { withQuery } from "./addresses.ts";

/** How long an answer may take before the server counts as unreachable. */
const ANSWER_MS = 8_000;

/** What became of a question to the server. It never throws: a page has words for each of these. */
export type Answer<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "refused"; readonly status: number; readonly text: string }
  | { readonly kind: "unreachable" };

/** One channel, live or not; any valid name is answered. `token` is that of a link, where one is needed. */
export function getChannel(name: string, signal?: AbortSignal, token?: string): Promise<Answer<Channel>> {
  const path = `/api/v1/channels/${encodeURIComponent(name)}`;
  return ask(withQuery(path, token === undefined ? {} : { token }), channel, signal);
}

/** All channels that are live, and those that begin when somebody watches. */
export function listChannels(signal?: AbortSignal): Promise<Answer<{ items: Channel[] }>> {
  return ask("/api/v1/channels", channelList, signal);
}

/** One recording by its broadcast's id. */
export function getRecording(id: string, signal?: AbortSignal): Promise<Answer<Recording>> {
  return ask(`/api/v1/recordings/${encodeURIComponent(id)}`, recording, signal);
}

/** All recordings, newest first. */
export function listRecordings(signal?: AbortSignal): Promise<Answer<{ items: Recording[] }>> {
  return ask("/api/v1/recordings", recordingList, signal);
}

async function ask<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<Answer<T>> {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  try {
    const response = await fetch(path, {
      headers: { accept: "application/json" },
      cache: "no-store",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) return refusal(response.status, body);
    const parsed = schema.safeParse(body);
    if (parsed.success) return { kind: "ok", value: parsed.data };
    return { kind: "refused", status: response.status, text: "the server's answer is not understood" };
  } catch {
    return { kind: "unreachable" };
  }
}

/** A proxy in front of a server that is gone answers 502, 503 or 504 without problem details: nobody is there. */
function refusal(status: number, body: unknown): Answer<never> {
  const parsed = problem.safeParse(body);
  if (parsed.success) return { kind: "refused", status, text: parsed.data.detail };
  if (status >= 502 && status <= 504) return { kind: "unreachable" };
  return { kind: "refused", status, text: `the server answered ${status}` };
}
