import type { ServerSetup } from "../../server/protocol/server.ts";
import { channelAddresses, type Place, withQuery } from "../ui/addresses.ts";

/** Stands where a key has to be put in. */
const KEY = "KEY";

/** Where one can publish to a channel from, as a name and what to copy; with `key`, ready to use. */
export function publishAddresses(
  place: Place & { readonly hostname: string },
  { publish, rtmpPort }: Pick<ServerSetup, "publish" | "rtmpPort">,
  channel: string,
  key?: string,
): (readonly [label: string, text: string])[] {
  const shown = key ?? (publish === "open" ? undefined : KEY);
  const query: Record<string, string> = shown === undefined ? {} : { key: shown };
  const { capture, publishHttp, publishSocket } = channelAddresses(place, channel);
  const http = withQuery(publishHttp, query);
  const page = shown === undefined ? capture : `${capture}&${new URLSearchParams(query)}`;
  const rtmp: (readonly [string, string])[] =
    rtmpPort === null
      ? []
      : [
          ["OBS, server", `rtmp://${place.hostname}:${rtmpPort}/live`],
          ["OBS, stream key", withQuery(channel, query)],
          ["RTMP, in one", withQuery(`rtmp://${place.hostname}:${rtmpPort}/live/${channel}`, query)],
        ];
  return [
    ["This browser", page],
    ...rtmp,
    ["HTTP", http],
    ["FFmpeg", `ffmpeg -re -i film.mp4 -c copy -f matroska '${http}'`],
    ["WebSocket", withQuery(publishSocket, query)],
  ];
}

/** Who may publish here. */
export function publishRuleWords(publish: ServerSetup["publish"]): string {
  if (publish === "open") return "Publishing is open on this server: no key is asked for.";
  if (publish === "keys") return "A publisher needs a key of this channel. Every camera can have one of its own.";
  return "Your application is asked who may publish; keys that are made here are not.";
}
