import type { Channel } from "../../server/protocol/api.ts";
import { channelAddresses } from "../ui/addresses.ts";
import { getChannel } from "../ui/api.ts";
import { find } from "../ui/dom.ts";
import type { Asked } from "./choice.ts";
import { listenToKeys } from "./keyboard.ts";
import { LiveControls } from "./live-controls.ts";
import { LiveSession } from "./live-session.ts";
import { covered } from "./live-words.ts";
import { RenditionMenu } from "./rendition-menu.ts";
import { Screen } from "./screen.ts";
import type { Stage } from "./transport.ts";
import type { WatchView } from "./watch-view.ts";

/** What watching a channel needs of the page. */
export interface WatchChannelRequest {
  readonly channel: string;
  readonly asked: Asked;
  readonly stage: Stage;
  readonly view: WatchView;
  readonly signal: AbortSignal;
}

/** Connects the parts of the page for a live channel. */
export function watchChannel({ channel, asked, stage, view, signal }: WatchChannelRequest): void {
  let hasSound = true;
  const screen = new Screen(stage.video, asked, {
    onEngine: (kind) => {
      view.showEngine(kind);
      menu.reset();
    },
    onTrouble: (text) => view.showTrouble(text),
    onRenditions: () => menu.refresh(),
    onGiveUp: (text) => session.giveUp(text),
    onGlance: (progress, stillMs) => {
      session.glance(progress, stillMs);
      view.showOffers(progress, hasSound);
      controls.refresh();
    },
  });
  const menu = new RenditionMenu(find("#rendition", HTMLSelectElement), () => screen.engine);
  const controls = new LiveControls(stage, () => screen.engine);
  const { hls, dash } = channelAddresses(location, channel);
  const session = new LiveSession({
    channel,
    media: { hls, dash, live: true },
    screen,
    ask: getChannel,
    onStatus: (status) => view.showStatus(status),
    onChannel: (answer) => {
      hasSound = soundOf(answer);
    },
    hidden: () => document.hidden,
  });
  view.showTitle(channel);
  find("#controls", HTMLElement).hidden = false;
  menu.refresh();
  listenToKeys(stage, { goLive: () => controls.goLive(), position: () => screen.engine?.livePosition });
  if ("problem" in screen.plan) view.showStatus(covered("error", "Cannot play", screen.plan.problem));
  else void session.run(signal);
}

/** A broadcast that says nothing about its tracks yet may well have sound. */
function soundOf({ broadcast }: Channel): boolean {
  const tracks = broadcast?.source ?? [];
  return tracks.length === 0 || tracks.some((track) => track.kind === "audio");
}
