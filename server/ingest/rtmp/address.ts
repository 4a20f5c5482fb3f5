import { z } from "zod";
import { LiveError } from "../../core/errors.ts";
import { channelName } from "../../protocol/names.ts";

/** The first part of an address whose second is `CHANNEL?key=KEY`. */
const LIVE = "live";

const schema = z.object({ channel: channelName, key: z.string().max(256).optional() });

/**
 * The channel and key of a publisher's address (contract §4): `live/CHANNEL?key=KEY`, or `CHANNEL/KEY`. `app` and `name`
 * are what RTMP calls its parts; some encoders put the query into the first. Throws `bad_request`.
 */
export function publishAddress(app: string, name: string): { channel: string; key: string | undefined } {
  const [first, query] = split(app);
  const [second, ownQuery] = split(name);
  const key = ownQuery.get("key") ?? query.get("key") ?? undefined;
  const found = first === LIVE ? { channel: second, key } : { channel: first, key: second === "" ? key : second };
  const checked = schema.safeParse(found);
  if (checked.success) return { channel: checked.data.channel, key: checked.data.key };
  throw new LiveError(
    "bad_request",
    "the address is rtmp://HOST/live/CHANNEL?key=KEY or rtmp://HOST/CHANNEL/KEY, CHANNEL of letters, digits, _ and -",
  );
}

function split(part: string): [string, URLSearchParams] {
  const at = part.indexOf("?");
  const [path, query] = at === -1 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
  return [path.replaceAll(/^\/+|\/+$/g, ""), new URLSearchParams(query)];
}
