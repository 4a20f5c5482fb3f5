import type { Channel } from "../../server/protocol/api.ts";
import { channelAddresses } from "../ui/addresses.ts";
import { type Answer, getChannel } from "../ui/api.ts";
import { find } from "../ui/dom.ts";
import { type Asked, browserSupport, planEngines } from "./choice.ts";
import { DelayMenu } from "./delay-menu.ts";
import type { DelayMeter } from "./delay-meter.ts";
import { keepDelayWish, pageStore, readDelayWish } from "./delay-wish.ts";
import type { EngineKind } from "./engine.ts";
import { ENGINE_OPENERS } from "./engines.ts";
import { EventsView } from "./events/events-view.ts";
import { LiveEvents } from "./events/live-events.ts";
import { Marks } from "./events/marks.ts";
import { FromStart } from "./from-start.ts";
import { listenToKeys } from "./keyboard.ts";
import { LiveControls } from "./live-controls.ts";
import { LiveSession } from "./live-session.ts";
import { covered } from "./live-words.ts";
import { openLink } from "./open-link.ts";
import type { Witnessed } from "./picture-watch.ts";
import { RenditionMenu } from "./rendition-menu.ts";
import { Screen, type ScreenReport } from "./screen.ts";
import { socketOpener } from "./socket/socket-engine.ts";
import { StatisticsView } from "./statistics-view.ts";
import type { Stage } from "./transport.ts";
import type { WatchView } from "./watch-view.ts";

/** What watching a channel needs of the page. */
export interface WatchChannelRequest {
  readonly channel: string;
  readonly asked: Asked;
  readonly query: URLSearchParams;
  readonly stage: Stage;
  readonly view: WatchView;
  readonly meter: DelayMeter;
  readonly witnessed: Witnessed;
  readonly signal: AbortSignal;
}

/** Events of a broadcast that the page remembers, samples among them. */
const MARKS_KEPT = 2_000;

/** Connects the parts of the page for a live channel. */
export function watchChannel(request: WatchChannelRequest): void {
  const { channel, asked, query, stage, view } = request;
  const token = query.get("token") ?? undefined;
  const refused = new AbortController();
  const signal = AbortSignal.any([request.signal, refused.signal]);
  const { hls, dash, socket, frames, reports, events: address } = channelAddresses(location, channel, token);
  const plan = planEngines(asked, browserSupport(stage.video), true);
  const link = openLink(socket);
  // Before anything else: the first picture can be no sooner than this.
  if ("engines" in plan && plan.engines.includes("socket")) link.start();
  let hasSound = true;
  let wishMs = readDelayWish(query, pageStore());
  let used: EngineKind | undefined;
  const report: ScreenReport = {
    onEngine: (kind) => {
      used = kind;
      if (kind === "socket") link.start();
      else link.rest();
      view.showEngine(kind);
      menu.reset();
    },
    onTrouble: (text) => view.showTrouble(text),
    onRenditions: () => {},
    onGiveUp: (text) => session.giveUp(text),
    onGlance: (progress, stillMs) => {
      session.glance(progress, stillMs);
      view.showOffers(progress, link.news?.kind === "live" ? link.news.hasSound : hasSound);
      controls.refresh();
      delays.refresh();
      menu.refresh();
    },
  };
  const openers = { ...ENGINE_OPENERS, socket: socketOpener(link, () => wishMs) };
  const screen = new Screen({ video: stage.video, asked, isLive: true, openers, probe: () => link.probe(), report });
  const menu = new RenditionMenu(find("#rendition", HTMLSelectElement), () => screen.engine);
  const controls = new LiveControls(stage, () => screen.engine);
  const delays = new DelayMenu({
    select: find("#delay-choice", HTMLSelectElement),
    frame: find("#delay-pick", HTMLElement),
    delay: () => screen.engine?.delay,
    onChoice: (choice) => {
      wishMs = choice;
      keepDelayWish(choice, pageStore());
    },
  });
  const statistics = new StatisticsView({
    ...request,
    video: stage.video,
    kind: () => used,
    engine: () => screen.engine,
  });
  const marks = new Marks(MARKS_KEPT);
  const events = new LiveEvents({
    address,
    marks,
    isTold: () => link.news?.kind === "live",
    hidden: () => document.hidden,
  });
  new EventsView({ video: stage.video, marks, moment: () => screen.engine?.moment, isLive: true });
  link.onWords = (words) => events.hear(words, signal);
  const fromStart = new FromStart(find("#from-start", HTMLAnchorElement), token, signal);
  const session = new LiveSession({
    channel,
    media: { hls, dash, frames, reports, live: true, relaxed: query.get("pace") === "relaxed" },
    screen,
    ask: (name, asking) => askFor(name, token, asking),
    news: () => link.news,
    onStatus: (status) => {
      if (!refused.signal.aborted) view.showStatus(status);
    },
    onChannel: (answer) => {
      hasSound = soundOf(answer);
      if (answer.broadcast !== null) events.begin(answer.broadcast.id);
      void fromStart.show(answer.broadcast?.ready === true ? answer.broadcast.id : undefined);
      if (answer.refusal !== null) refuse(answer.refusal);
    },
    hidden: () => document.hidden,
  });
  const refuse = (why: string) => {
    refused.abort();
    link.rest();
    screen.clear();
    view.showStatus(covered("error", "For guests only", `Nothing to see without a link: ${why}.`));
  };
  link.onRefused = refuse;
  link.onNews = () => {
    void session.hear();
    if (link.news !== undefined) void fromStart.show(link.news.kind === "live" ? link.news.broadcast : undefined);
  };
  view.showTitle(channel);
  find("#controls", HTMLElement).hidden = false;
  menu.refresh();
  listenToKeys(stage, {
    goLive: () => controls.goLive(),
    position: () => screen.engine?.livePosition,
    toggleStatistics: () => statistics.toggle(),
  });
  if ("problem" in screen.plan) view.showStatus(covered("error", "Cannot play", screen.plan.problem));
  else {
    void session.run(signal);
    void events.run(signal);
  }
}

/** A broadcast that says nothing about its tracks yet may well have sound. */
function soundOf({ broadcast }: Channel): boolean {
  const tracks = broadcast?.source ?? [];
  return tracks.length === 0 || tracks.some((track) => track.kind === "audio");
}

/** What begins when somebody watches it is begun by asking for it; a page that plays over the socket need not ask. */
async function askFor(channel: string, token: string | undefined, signal: AbortSignal): Promise<Answer<Channel>> {
  const answer = await getChannel(channel, signal, token);
  if (answer.kind === "ok" && answer.value.onDemand) {
    void fetch(channelAddresses(location, channel, token).hls, { signal }).catch(() => {});
  }
  return answer;
}
