import type { Channel, Recording } from "../../server/protocol/api.ts";
import { recordingRow } from "../recordings/recording-row.ts";
import { channelAddresses } from "../ui/addresses.ts";
import { type Answer, getChannel } from "../ui/api.ts";
import { askInDialog } from "../ui/dialog.ts";
import { find, setText } from "../ui/dom.ts";
import { KeyedList } from "../ui/keyed-list.ts";
import { poll } from "../ui/poll.ts";
import { AlarmList } from "./alarm-list.ts";
import { broadcastAlarms } from "./alarms.ts";
import { channelState } from "./channel-state.ts";
import { ChatView } from "./chat-view.ts";
import { EventList } from "./event-list.ts";
import { followEvents } from "./event-stream.ts";
import { KeysView } from "./keys-view.ts";
import { makeLinks } from "./links-view.ts";
import { LiveView } from "./live-view.ts";
import { onClick } from "./on-click.ts";
import { onSubmit } from "./on-submit.ts";
import { SourceView } from "./source-view.ts";
import { StallWatch } from "./stall-watch.ts";
import { stopBroadcast, tellTrouble } from "./stop-broadcast.ts";
import { fromTemplate, type Studio, type View } from "./studio.ts";
import { troubleOf } from "./trouble.ts";
import { WatchTokens } from "./watch-tokens.ts";
import { WishesForm } from "./wishes-form.ts";

const SLOW_MS = 6_000;
/** So much of what happened is shown at first. */
const PAST_MS = 24 * 3_600_000;
const RECORDINGS_SHOWN = 10;

/** The page of one channel. */
export function openChannel(studio: Studio, channel: string): View {
  const { view, signal, token } = studio;
  fromTemplate("channel", view);
  document.title = `${channel} · Studio · Millrace`;
  const { capture } = channelAddresses(location, channel);
  find("#capture", HTMLAnchorElement).href = capture;
  find("#all-recordings", HTMLAnchorElement).href = `/recordings?channel=${channel}`;
  const page = new ChannelPage(studio, channel);
  onClick(find("#stop", HTMLButtonElement), () => page.stop());
  onClick(find("#make", HTMLButtonElement), () => page.make());
  onClick(find("#delete", HTMLButtonElement), () => page.delete());
  void poll(() => page.refreshSlow(), SLOW_MS, signal);
  const events = new EventList({ withChannel: false });
  const onEvent = events.add.bind(events);
  void followEvents({ token, channel, sinceMs: Date.now() - PAST_MS, onEvent, signal });
  return { refresh: () => page.refresh() };
}

/** One channel: what it is set to, and how it goes. */
class ChannelPage {
  readonly #studio: Studio;
  readonly #name: string;
  readonly #live: LiveView;
  readonly #alarms = new AlarmList({ withChannel: false });
  readonly #stalls = new StallWatch();
  readonly #keys: KeysView;
  readonly #source: SourceView;
  readonly #chat: ChatView;
  readonly #wishes: WishesForm;
  readonly #tokens: WatchTokens;
  readonly #recordings = new KeyedList(find("#recordings", HTMLElement), (recording: Recording) =>
    recordingRow(recording, { token: this.#token }),
  );
  #channel: Channel | undefined;
  #isFilled = false;

  constructor(studio: Studio, name: string) {
    this.#studio = studio;
    this.#name = name;
    this.#live = new LiveView(studio);
    this.#keys = new KeysView(studio, name);
    this.#source = new SourceView(studio, name);
    this.#chat = new ChatView(studio, name);
    this.#tokens = new WatchTokens(studio.api);
    makeLinks(studio, name, this.#tokens);
    const form = find("#settings", HTMLFormElement);
    this.#wishes = new WishesForm(form, studio);
    onSubmit(
      form,
      () => this.#save(),
      () => this.#savedWords,
    );
  }

  get #savedWords(): string {
    const isLive = this.#channel?.live === true;
    return isLive
      ? "Saved. What is live goes on as it began: ladder and recording hold from the next broadcast on."
      : "Saved. Ladder and recording hold from the next broadcast on.";
  }

  /** For who may see everything, where a link is needed. */
  get #token(): string | undefined {
    return this.#channel && this.#tokens.of(this.#channel);
  }

  async refresh(): Promise<void> {
    const { api, setup, signal, tell } = this.#studio;
    const [answer, stats] = await Promise.all([getChannel(this.#name, signal), api.stats()]);
    tell([answer, stats]);
    if (answer.kind !== "ok" || stats.kind !== "ok") return;
    const channel = answer.value;
    this.#channel = channel;
    this.#wishes.isLive = channel.live;
    await this.#tokens.prepare([channel]);
    const nowMs = Date.now();
    this.#showHead(channel, nowMs);
    const { broadcast } = channel;
    const own = stats.value.items.find((each) => each.broadcast === broadcast?.id);
    if (broadcast === null) this.#alarms.show([]);
    else {
      const recentStalls = this.#stalls.note(broadcast.id, own?.audience.stalls ?? 0, nowMs);
      this.#alarms.show(broadcastAlarms({ broadcast, stats: own, recentStalls }, setup, nowMs));
    }
    await this.#live.show(broadcast, own);
  }

  /** What changes seldom: settings, keys, source, chat and recordings. */
  async refreshSlow(): Promise<void> {
    const { api } = this.#studio;
    const [settings, recordings] = await Promise.all([
      api.settings(this.#name),
      api.recordings(this.#name),
      this.#source.refresh(),
      this.#chat.refresh(),
    ]);
    if (settings.kind === "ok") {
      if (!this.#isFilled) this.#wishes.fill(settings.value);
      this.#isFilled = true;
      await this.#keys.refresh();
    }
    const isMade = settings.kind === "ok" || (settings.kind === "unreachable" && this.#isFilled);
    for (const part of ["#links-part", "#settings-part", "#delete-part", "#keys-part"]) {
      find(part, HTMLElement).hidden = !isMade;
    }
    find("#unmade", HTMLElement).hidden = !(settings.kind === "refused" && settings.status === 404);
    if (recordings.kind !== "ok") return;
    const { items } = recordings.value;
    this.#recordings.show(items.slice(0, RECORDINGS_SHOWN), (recording) => JSON.stringify([recording, this.#token]));
    find("#recordings-empty", HTMLElement).hidden = items.length > 0;
  }

  async stop(): Promise<void> {
    const broadcast = this.#channel?.broadcast ?? null;
    if (broadcast !== null) await stopBroadcast(this.#studio.api, broadcast);
    await this.refresh();
  }

  async make(): Promise<void> {
    await tellTrouble(troubleOf(await this.#studio.api.create({ name: this.#name })));
    await this.refreshSlow();
  }

  /** Its name has to be written: this cannot be undone. */
  async delete(): Promise<void> {
    const written = await askInDialog({
      title: `Delete ${this.#name}?`,
      text: "Its keys and settings are forgotten, and what is live on it is stopped. Recordings stay.",
      action: "Delete the channel",
      isDangerous: true,
      field: { label: `To go on, write its name: ${this.#name}`, type: "text", isRequired: true, pattern: this.#name },
    });
    if (written === undefined) return;
    const answer = await this.#studio.api.remove(this.#name);
    if (answer.kind === "ok") location.assign("/studio");
    else await tellTrouble(troubleOf(answer));
  }

  async #save(): Promise<Answer<unknown>> {
    const answer = await this.#studio.api.update(this.#name, this.#wishes.read());
    if (answer.kind === "ok") this.#wishes.fill(answer.value);
    return answer;
  }

  #showHead(channel: Channel, nowMs: number): void {
    const { name, title, live } = channel;
    const { state, text } = channelState(channel, nowMs);
    setText(find("#name", HTMLElement), title === "" ? name : `${title} (${name})`);
    const status = find("#state", HTMLElement);
    status.dataset.state = state;
    setText(status, text);
    find("#stop", HTMLElement).hidden = !live;
    find("#watch", HTMLAnchorElement).href = channelAddresses(location, name, this.#token).watch;
  }
}
