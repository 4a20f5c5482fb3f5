import { openChat } from "../../chat/open-chat.ts";
import { browserSupport, parseDelivery, supportedDeliveries } from "../../player/choice.ts";
import { DelayMeter } from "../../player/delay-meter.ts";
import { covered } from "../../player/live-words.ts";
import { startMeasuring } from "../../player/measure.ts";
import { PictureWatch } from "../../player/picture-watch.ts";
import { watchChannel } from "../../player/watch-channel.ts";
import { watchRecording } from "../../player/watch-recording.ts";
import { parseWatchPath } from "../../player/watch-target.ts";
import { WatchView } from "../../player/watch-view.ts";
import { find } from "../../ui/dom.ts";

const video = find("#player", HTMLVideoElement);
const stage = { video, frame: find("#stage", HTMLElement) };
const view = new WatchView(video);
const witnessed = new PictureWatch(video);
const meter = new DelayMeter(video);
const query = new URLSearchParams(location.search);
const asked = parseDelivery(query);
const target = parseWatchPath(location.pathname);
const leaving = new AbortController();
// Shown in a frame of somebody's page: the player alone.
document.body.classList.toggle("embed", location.pathname.startsWith("/embed/"));
const page = { asked, stage, view, signal: leaving.signal };

view.offerDeliveries(asked, supportedDeliveries(browserSupport(video), target.kind === "channel"));
if (query.get("measure") === "1") {
  startMeasuring(meter, witnessed, Number(query.get("measure-after") ?? 0));
}
addEventListener("pagehide", ({ persisted }) => {
  if (!persisted) leaving.abort();
});

if (target.kind === "channel") watchChannel({ channel: target.channel, ...page, query, meter, witnessed });
else if (target.kind === "recording")
  watchRecording({ id: target.id, token: query.get("token") ?? undefined, ...page });
else view.showStatus(covered("error", "Cannot play", target.text));
// A page of somebody else around this one could lead the viewer's clicks: no chat there.
if (window === window.top && !document.body.classList.contains("embed"))
  openChat({ target, token: query.get("token") ?? undefined, video, signal: leaving.signal });
