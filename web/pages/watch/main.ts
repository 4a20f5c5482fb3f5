import { browserSupport, parseDelivery } from "../../player/choice.ts";
import { covered } from "../../player/live-words.ts";
import { watchChannel } from "../../player/watch-channel.ts";
import { watchRecording } from "../../player/watch-recording.ts";
import { parseWatchPath } from "../../player/watch-target.ts";
import { WatchView } from "../../player/watch-view.ts";
import { find } from "../../ui/dom.ts";

const video = find("#player", HTMLVideoElement);
const stage = { video, frame: find("#stage", HTMLElement) };
const view = new WatchView(video);
const query = new URLSearchParams(location.search);
const asked = parseDelivery(query);
const target = parseWatchPath(location.pathname);
const leaving = new AbortController();

view.offerDeliveries(asked, browserSupport(video));
// Loaded only by those who ask for it.
if (query.get("measure") === "1")
  void import("../../player/measure.ts").then(({ startMeasuring }) => startMeasuring(video));
addEventListener("pagehide", ({ persisted }) => {
  if (!persisted) leaving.abort();
});

if (target.kind === "channel") watchChannel({ channel: target.channel, asked, stage, view, signal: leaving.signal });
else if (target.kind === "recording") watchRecording({ id: target.id, asked, stage, view, signal: leaving.signal });
else view.showStatus(covered("error", "Cannot play", target.text));
