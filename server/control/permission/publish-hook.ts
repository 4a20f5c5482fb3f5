import { z } from "zod";
import { LiveError, messageOf } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import { ladderText } from "../../protocol/channels.ts";

/** The application that decides who may publish. */
export interface PublishHookOptions {
  readonly url: string;
  /** The whole value of the Authorization header: Basic, Bearer or whatever the application wants. */
  readonly authorization: Secret | undefined;
  /** An application that takes longer has refused. */
  readonly timeoutMs: number;
}

/** Who wants to publish, as the application is asked. */
export interface PublishQuestion {
  readonly channel: string;
  readonly key: string | undefined;
  readonly address: string | undefined;
}

/** How a broadcast shall be; what is left out is as the channel or the settings say. */
const publishAnswer = z.object({
  record: z.boolean().optional(),
  ladder: ladderText.optional(),
  previews: z.boolean().optional(),
});
export type PublishAnswer = z.infer<typeof publishAnswer>;

/** More is no answer of ours. */
const MAX_ANSWER_BYTES = 16 * 1024;

/**
 * Asks the operator's application whether somebody may publish (TC-52, TC-53): `POST` with channel, key and address in
 * headers and as JSON. Status 200 lets the publisher in; its JSON body, or headers, may say how. Rejects with `bad_key`
 * for any other status, for an answer that is not understood, and when there is none in time.
 */
export async function askToPublish(options: PublishHookOptions, question: PublishQuestion): Promise<PublishAnswer> {
  const { url, authorization, timeoutMs } = options;
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      redirect: "error",
      headers: headersOf(question, authorization),
      body: JSON.stringify(question),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await readText(response);
    if (response.status === 200) return answerOf(response.headers, text);
  } catch (error) {
    const details = { reason: messageOf(error) };
    throw new LiveError("bad_key", "whoever decides about publishing here did not answer", { cause: error, details });
  }
  throw new LiveError("bad_key", "publishing this channel with this key is not allowed");
}

function headersOf({ channel, key, address }: PublishQuestion, authorization: Secret | undefined): Headers {
  const headers = new Headers({ "content-type": "application/json", "x-streaming-channel": channel });
  // What no header can carry is in the JSON.
  if (key !== undefined && /^[\x21-\x7e]+$/.test(key)) headers.set("x-streaming-key", key);
  if (address !== undefined) headers.set("x-user-ip", address);
  if (authorization !== undefined) headers.set("authorization", authorization.reveal());
  return headers;
}

async function readText(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function answerOf(headers: Headers, text: string): PublishAnswer {
  if (headers.get("content-type")?.includes("json") === true) return publishAnswer.parse(JSON.parse(text));
  const ladder = headers.get("x-resolutions") ?? undefined;
  const previews = headers.get("x-previews") ?? undefined;
  const record = headers.get("x-record") ?? undefined;
  return publishAnswer.parse({
    ...(record === undefined ? {} : { record: record === "true" }),
    ...(previews === undefined ? {} : { previews: !/^(false|0|off)$/i.test(previews) }),
    ...(ladder === undefined ? {} : { ladder }),
  });
}
