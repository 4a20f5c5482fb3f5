import { z } from "zod";
import { LiveError } from "../../core/errors.ts";
import { channelName } from "../../protocol/names.ts";

/** Where a publisher's images go. */
export interface FramesAddress {
  readonly channel: string;
  readonly key: string | undefined;
}

/** Who only sends images publishes here (contract §4). */
export const DEFAULT_ADDRESS: FramesAddress = { channel: "frames", key: undefined };

const MAX_HELLO_BYTES = 4096;
/** JSON objects begin with it, and no image does. */
const BRACE = 0x7b;

const hello = z.object({ channel: channelName, key: z.string().max(256).optional() });

/** Reads a first message that names the channel; undefined when it is something else. Throws when it does so wrongly. */
export function readHello(message: Uint8Array): FramesAddress | undefined {
  if (message[0] !== BRACE) return undefined;
  if (message.byteLength > MAX_HELLO_BYTES) throw badHello("it is too long");
  const { channel, key } = parse(message);
  return { channel, key };
}

function parse(message: Uint8Array): z.output<typeof hello> {
  try {
    return hello.parse(JSON.parse(new TextDecoder().decode(message)));
  } catch (error) {
    throw badHello(error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : "it is no JSON");
  }
}

function badHello(why: string): LiveError {
  return new LiveError("bad_request", `the first message names no channel: ${why}`);
}
