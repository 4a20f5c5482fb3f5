import "./zod-setup.ts";
import { z } from "zod";
import type { Channel, Clip, ClipRequest, Recording } from "../../server/protocol/api.ts";
import { channel, channelList, clip, problem, recording, recordingList } from "../../server/protocol/api.ts";
import { withQuery } from "./addresses.ts";

/** How long an answer may take before the server counts as unreachable. */
const ANSWER_MS = 8_000;
/** An hour of video has to be copied into one file. */
const CLIP_MS = 120_000;

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

/** One recording by its broadcast's id. `token` is that of a link, where one is needed. */
export function getRecording(id: string, signal?: AbortSignal, token?: string): Promise<Answer<Recording>> {
  const path = `/api/v1/recordings/${encodeURIComponent(id)}`;
  return ask(withQuery(path, token === undefined ? {} : { token }), recording, signal);
}

/** All recordings, newest first, or those of one channel. */
export function listRecordings(signal?: AbortSignal, channel?: string): Promise<Answer<{ items: Recording[] }>> {
  return ask(withQuery("/api/v1/recordings", channel === undefined ? {} : { channel }), recordingList, signal);
}

/** Names a recording; null takes the name away. `token` is the operator's, where one is needed; so it is below. */
export function renameRecording(id: string, title: string | null, token?: string): Promise<Answer<Recording>> {
  return send(recordingPath(id), { method: "PATCH", body: { title }, token }, recording);
}

export function deleteRecording(id: string, token?: string): Promise<Answer<undefined>> {
  return send(recordingPath(id), { method: "DELETE", token }, z.undefined());
}

/** Cuts a clip out of a recording. */
export function makeClip(id: string, request: ClipRequest, token?: string): Promise<Answer<Clip>> {
  return send(`${recordingPath(id)}/clips`, { method: "POST", body: request, token }, clip, CLIP_MS);
}

function recordingPath(id: string): string {
  return `/api/v1/recordings/${encodeURIComponent(id)}`;
}

/** What is asked of the server, beside the address. */
export interface Sending {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  /** The operator's. */
  readonly token: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Asks for something as the operator; the answer has to be what `schema` says. */
export function send<T>(
  path: string,
  { method, body, token, signal }: Sending,
  schema: z.ZodType<T>,
  ms?: number,
): Promise<Answer<T>> {
  const headers: Record<string, string> = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return ask(path, schema, signal, init, ms);
}

async function ask<T>(
  path: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
  init: Pick<RequestInit, "method" | "body"> & { readonly headers?: Readonly<Record<string, string>> } = {},
  answerMs = ANSWER_MS,
): Promise<Answer<T>> {
  const timeout = AbortSignal.timeout(answerMs);
  try {
    const response = await fetch(path, {
      ...init,
      headers: { accept: "application/json", ...init.headers },
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
