import { find } from "../ui/dom.ts";
import { poll } from "../ui/poll.ts";
import { AlarmList } from "./alarm-list.ts";
import { broadcastAlarms, hookAlarms, serverAlarms } from "./alarms.ts";
import { ChannelCards } from "./channel-cards.ts";
import { EventList } from "./event-list.ts";
import { followEvents } from "./event-stream.ts";
import { Figures } from "./figures.ts";
import { HooksView } from "./hooks-view.ts";
import { serverFigures } from "./live-figures.ts";
import { onSubmit } from "./on-submit.ts";
import { SourcesView } from "./sources-view.ts";
import { StallWatch } from "./stall-watch.ts";
import { stopBroadcast } from "./stop-broadcast.ts";
import { fromTemplate, type Studio, type View } from "./studio.ts";
import { WatchTokens } from "./watch-tokens.ts";
import { WishesForm } from "./wishes-form.ts";

const PICTURES_MS = 5_000;
/** What changes seldom. */
const SLOW_MS = 6_000;
/** So much of what happened is shown at first. */
const PAST_MS = 2 * 3_600_000;

/** The page of all channels. */
export function openOverview(studio: Studio): View {
  const { api, setup, view, signal, token, tell } = studio;
  fromTemplate("overview", view);
  const tokens = new WatchTokens(api);
  const cards = new ChannelCards(tokens, (broadcast) => stopBroadcast(api, broadcast));
  const server = new Figures(find("#server", HTMLElement));
  const [alarms, events, hooks, sources] = [
    new AlarmList({ withChannel: true }),
    new EventList({ withChannel: true }),
    new HooksView(studio),
    new SourcesView(studio),
  ];
  const stalls = new StallWatch();

  const refresh = async () => {
    const [channels, stats, process] = await Promise.all([api.channels(), api.stats(), api.server()]);
    tell([channels, stats, process]);
    if (channels.kind !== "ok" || stats.kind !== "ok" || process.kind !== "ok") return;
    await tokens.prepare(channels.value.items);
    const nowMs = Date.now();
    cards.show(channels.value.items, stats.value.items, nowMs);
    server.show(serverFigures(process.value));
    const live = channels.value.items.flatMap(({ broadcast }) => broadcast ?? []);
    stalls.keep(live.map(({ id }) => id));
    const found = live.flatMap((broadcast) => {
      const own = stats.value.items.find((each) => each.broadcast === broadcast.id);
      const recentStalls = stalls.note(broadcast.id, own?.audience.stalls ?? 0, nowMs);
      return broadcastAlarms({ broadcast, stats: own, recentStalls }, setup, nowMs);
    });
    alarms.show([...found, ...serverAlarms(process.value, setup), ...hookAlarms(hooks.hooks)]);
  };

  makeChannels(studio, refresh);
  void poll(() => cards.refreshPictures(), PICTURES_MS, signal);
  void poll(async () => void (await Promise.all([hooks.refresh(), sources.refresh()])), SLOW_MS, signal);
  const onEvent = events.add.bind(events);
  void followEvents({ token, sinceMs: Date.now() - PAST_MS, onEvent, signal });
  return { refresh };
}

/** The form that makes a channel; its page is where one goes on. */
function makeChannels(studio: Studio, refresh: () => Promise<void>): void {
  const form = find("#new-channel", HTMLFormElement);
  const name = find("input[name=name]", HTMLInputElement, form);
  const wishes = new WishesForm(form, studio);
  const create = async () => {
    const answer = await studio.api.create({ name: name.value.trim(), ...wishes.read() });
    if (answer.kind === "ok") {
      await refresh();
      location.assign(`/studio/${answer.value.name}`);
    }
    return answer;
  };
  onSubmit(form, create, "Made.");
}
