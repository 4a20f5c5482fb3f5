import type { Clip, Recording } from "../protocol/api.ts";
import type { MadeClip } from "./clips.ts";
import type { BroadcastRecord } from "./record.ts";

/** What the API tells of a recording. */
export function toRecording({ container: _, resume: __, state, ...record }: BroadcastRecord): Recording {
  return { ...record, state: state === "suspended" ? "recording" : state };
}

/** What the API answers when a clip was made. */
export function toClip({ record, hasFile }: MadeClip): Clip {
  const media = `/recordings/${record.id}`;
  return {
    ...toRecording(record),
    links: {
      watch: `/watch/recording/${record.id}`,
      hls: `${media}/master.m3u8`,
      dash: `${media}/manifest.mpd`,
      mp4: hasFile ? `${media}/seekable` : null,
    },
  };
}
