import { broadcastId, channelName } from "../../server/protocol/names.ts";

/** What a watch page's address names. */
export type WatchTarget =
  | { readonly kind: "channel"; readonly channel: string }
  | { readonly kind: "recording"; readonly id: string }
  | { readonly kind: "problem"; readonly text: string };

/** Reads `/watch/CHANNEL` or `/watch/recording/BROADCAST`, or the same below `/embed`. */
export function parseWatchPath(path: string): WatchTarget {
  const [, , first = "", second] = path.split("/").map(decode);
  if (first === "recording" && second !== undefined && second !== "") {
    if (broadcastId.safeParse(second).success) return { kind: "recording", id: second };
    return { kind: "problem", text: "This is not the address of a recording." };
  }
  if (channelName.safeParse(first).success) return { kind: "channel", channel: first };
  return { kind: "problem", text: "This is not the address of a channel." };
}

/** A part that is no valid percent-encoding is taken as it is: it will be no valid name either. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
