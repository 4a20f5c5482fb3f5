import type { Recording } from "../../server/protocol/api.ts";
import { RecordingTools } from "../recordings/recording-tools.ts";
import { describeRecording, nameOf } from "../recordings/words.ts";
import { channelAddresses, recordingAddresses } from "../ui/addresses.ts";
import { getRecording } from "../ui/api.ts";
import { find, make, setText } from "../ui/dom.ts";
import type { Asked } from "./choice.ts";
import { ENGINE_OPENERS } from "./engines.ts";
import { EventsView } from "./events/events-view.ts";
import { loadEvents } from "./events/load-events.ts";
import { Marks } from "./events/marks.ts";
import { listenToKeys } from "./keyboard.ts";
import { covered } from "./live-words.ts";
import { RecordingControls } from "./recording-controls.ts";
import { RecordingSession } from "./recording-session.ts";
import { Screen, type ScreenReport } from "./screen.ts";
import { SpeedMenu } from "./speed-menu.ts";
import type { Stage } from "./transport.ts";
import type { WatchView } from "./watch-view.ts";

/** What watching a recording needs of the page. */
export interface WatchRecordingRequest {
  readonly id: string;
  /** That of a link, where one is needed. */
  readonly token: string | undefined;
  readonly asked: Asked;
  readonly stage: Stage;
  readonly view: WatchView;
  readonly signal: AbortSignal;
}

/** Connects the parts of the page for a recording. */
export function watchRecording({ id, token, asked, stage, view, signal }: WatchRecordingRequest): void {
  const report: ScreenReport = {
    onEngine: (kind) => {
      view.showEngine(kind);
      controls.reset();
    },
    onTrouble: (text) => view.showTrouble(text),
    onRenditions: () => {},
    onGiveUp: (text) => session.giveUp(text),
    onGlance: (progress) => {
      session.glance(progress);
      view.showOffers(progress, true);
      controls.refresh();
    },
  };
  const screen = new Screen({ video: stage.video, asked, isLive: false, openers: ENGINE_OPENERS, report });
  const controls = new RecordingControls(stage, () => screen.engine);
  const speed = new SpeedMenu(stage.video, find("#speed", HTMLSelectElement));
  const marks = new Marks();
  const moment = () => ({ clock: "place", seconds: stage.video.currentTime }) as const;
  new EventsView({ video: stage.video, marks, moment, isLive: false });
  const { hls, dash, thumbnails, events } = recordingAddresses(location, id, token);
  const tools = new RecordingTools(stage.video, (renamed) => describe(renamed, token, view));
  const session = new RecordingSession({
    id,
    media: { hls, dash, live: false },
    screen,
    ask: (broadcast, asking) => getRecording(broadcast, asking, token),
    onStatus: (status) => view.showStatus(status),
    onRecording: (recording) => {
      describe(recording, token, view);
      tools.show(recording);
      // These come with the end.
      if (recording.state === "recording") return;
      void controls.loadThumbnails(thumbnails, signal);
      void loadEvents(events, signal).then((found) => {
        for (const event of found) marks.add(event);
      });
    },
  });
  view.showTitle("Recording");
  document.body.classList.add("recording");
  const others = {
    "<": () => speed.step(-1),
    ">": () => speed.step(1),
    i: () => tools.clipFromHere(),
    o: () => tools.clipToHere(),
  };
  listenToKeys(stage, { onSeek: () => controls.showPlace(), others });
  if ("problem" in screen.plan) view.showStatus(covered("error", "Cannot play", screen.plan.problem));
  else void session.run(signal);
}

function describe(recording: Recording, token: string | undefined, view: WatchView): void {
  const { source, seekable } = recordingAddresses(location, recording.id, token);
  const running = recording.state === "recording";
  view.showTitle(nameOf(recording));
  setText(find("#hint", HTMLElement), describeRecording(recording));
  const live = channelAddresses(location, recording.channel, token).watch;
  const downloads = find("#downloads", HTMLElement);
  downloads.hidden = false;
  downloads.replaceChildren(
    ...(running ? [make("a", { class: "button", href: live }, "This broadcast is live: watch it")] : []),
    ...(running ? [] : [make("a", { class: "button", href: seekable, download: true }, "Download")]),
    ...(recording.clipOf === undefined
      ? [make("a", { class: "button quiet", href: source, download: true }, "Download as sent")]
      : [originLink(recording.clipOf.recording, token)]),
    make("a", { class: "button quiet", href: `/recordings?channel=${recording.channel}` }, "All of this channel"),
  );
}

function originLink(id: string, token: string | undefined): HTMLElement {
  return make(
    "a",
    { class: "button quiet", href: recordingAddresses(location, id, token).watch },
    "The whole recording",
  );
}
