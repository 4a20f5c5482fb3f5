import type { Recording } from "../../../server/protocol/api.ts";
import { channelProblem } from "../../capture/settings.ts";
import { recordingRow } from "../../recordings/recording-row.ts";
import { channelAddresses } from "../../ui/addresses.ts";
import { type Answer, listChannels, listRecordings } from "../../ui/api.ts";
import { find, setText } from "../../ui/dom.ts";
import { KeyedList } from "../../ui/keyed-list.ts";
import { LivePictures } from "../../ui/live-picture.ts";
import { pause, poll } from "../../ui/poll.ts";
import { howTo } from "./how-to.ts";
import { liveCard } from "./live-list.ts";

const POLL_MS = 3_000;
const HIDDEN_POLL_MS = 15_000;
/** Preview images are seldom closer together, and nobody watches on this page. */
const PICTURES_MS = 5_000;
/** The others are on a page of their own. */
const RECORDINGS_SHOWN = 6;

const leaving = new AbortController();
const pictures = new LivePictures();
const live = new KeyedList(find("#live", HTMLElement), (channel: Parameters<typeof liveCard>[0]) =>
  liveCard(channel, Date.now(), pictures.of(channel.name)),
);
const recordings = new KeyedList(find("#recordings", HTMLElement), (recording: Recording) => recordingRow(recording));
let greeted = false;
const field = find("#channel", HTMLInputElement);

field.addEventListener("input", showHow);
find("#channel-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  find("#open-capture", HTMLAnchorElement).click();
});
showHow();
void poll(refresh, POLL_MS, leaving.signal);
void poll(() => pictures.refresh(), PICTURES_MS, leaving.signal);

async function refresh(): Promise<void> {
  const [channels, list] = await Promise.all([listChannels(), listRecordings()]);
  showProblem([channels, list]);
  if (channels.kind === "ok") {
    const items = channels.value.items.filter((channel) => channel.live || channel.onDemand);
    live.show(items, (channel) => JSON.stringify(channel));
    // What is asleep has no picture.
    pictures.keep(items.filter((channel) => channel.live).map(({ name }) => name));
    find("#live-empty", HTMLElement).hidden = items.length > 0;
  }
  if (list.kind === "ok") {
    const { items } = list.value;
    recordings.show(items.slice(0, RECORDINGS_SHOWN), (recording) => JSON.stringify(recording));
    find("#recordings-empty", HTMLElement).hidden = items.length > 0;
    const all = find("#all-recordings", HTMLAnchorElement);
    all.hidden = items.length === 0;
    if (items.length > RECORDINGS_SHOWN) setText(all, `All ${items.length} recordings`);
    greet(list.value.items.length === 0);
  }
  if (document.hidden) await pause(HIDDEN_POLL_MS - POLL_MS, leaving.signal);
}

/** A server that nobody has used yet shows at once how it is used. */
function greet(unused: boolean): void {
  if (greeted) return;
  greeted = true;
  find("#how-more", HTMLDetailsElement).open = unused;
}

function showProblem(answers: readonly Answer<unknown>[]): void {
  const problem = find("#status", HTMLElement);
  const refused = answers.find((answer) => answer.kind === "refused");
  const unreachable = answers.some((answer) => answer.kind === "unreachable");
  const words = unreachable
    ? "The server cannot be reached. Trying again…"
    : refused && `The server says: ${refused.text}`;
  setText(problem, words ?? "");
  problem.hidden = words === undefined;
}

function showHow(): void {
  const channel = field.value.trim();
  const problem = channelProblem(channel);
  const words = find("#channel-problem", HTMLElement);
  setText(words, problem ?? "");
  words.hidden = problem === undefined;
  if (problem !== undefined) return;
  const { watch, capture } = channelAddresses(location, channel);
  find("#open-capture", HTMLAnchorElement).href = capture;
  find("#open-watch", HTMLAnchorElement).href = watch;
  find("#how", HTMLElement).replaceChildren(...howTo(channel));
}
