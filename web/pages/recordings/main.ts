import type { Recording } from "../../../server/protocol/api.ts";
import { channelName } from "../../../server/protocol/names.ts";
import { remove, rename, tellTrouble, troubleOf } from "../../recordings/changes.ts";
import { ChannelPick } from "../../recordings/channel-pick.ts";
import { labelOf, recordingRow } from "../../recordings/recording-row.ts";
import { type Answer, listRecordings } from "../../ui/api.ts";
import { find, make, setText } from "../../ui/dom.ts";
import { KeyedList } from "../../ui/keyed-list.ts";
import { poll } from "../../ui/poll.ts";

const POLL_MS = 5_000;
/** So many are shown at first, and more at each press of the button. */
const PAGE = 50;

const leaving = new AbortController();
const pick = new ChannelPick(find("#channel", HTMLSelectElement), channelInAddress());
const list = new KeyedList(find("#recordings", HTMLElement), rowOf);
const more = find("#more-row", HTMLElement);
let shown = PAGE;
let known: readonly Recording[] = [];

pick.onChange(show);
find("#more", HTMLButtonElement).addEventListener("click", () => {
  shown += PAGE;
  show();
});
void poll(refresh, POLL_MS, leaving.signal);

async function refresh(): Promise<void> {
  const answer = await listRecordings(leaving.signal);
  tell(answer);
  if (answer.kind !== "ok") return;
  known = answer.value.items;
  show();
}

function show(): void {
  pick.offer(known.map(({ channel }) => channel));
  const { chosen } = pick;
  const own = chosen === undefined ? known : known.filter(({ channel }) => channel === chosen);
  list.show(own.slice(0, shown), (recording) => JSON.stringify(recording));
  more.hidden = own.length <= shown;
  const empty = find("#empty", HTMLElement);
  empty.hidden = own.length > 0;
  const whose = chosen === undefined ? "No recordings yet." : `No recordings of ${chosen} yet.`;
  setText(empty, `${whose} Every broadcast leaves one here.`);
  document.title = `Recordings${chosen === undefined ? "" : ` of ${chosen}`} · Millrace`;
}

function rowOf(recording: Recording): HTMLElement {
  const tool = (word: string, isDangerous: boolean, work: () => Promise<Answer<unknown> | undefined>) => {
    const kind = isDangerous ? "tool danger-text" : "tool";
    const button = make("button", { type: "button", class: kind, "aria-label": `${word} ${labelOf(recording)}` }, word);
    button.addEventListener("click", () => void change(work));
    return button;
  };
  const isWritten = recording.state === "recording";
  const tools = [tool("Rename", false, () => rename(recording))];
  if (!isWritten) tools.push(tool("Delete", true, () => remove(recording)));
  return recordingRow(recording, { tools });
}

async function change(work: () => Promise<Answer<unknown> | undefined>): Promise<void> {
  const answer = await work();
  if (answer?.kind === "ok") await refresh();
  else if (answer !== undefined) await tellTrouble(answer);
}

function tell(answer: Answer<unknown>): void {
  const words = troubleOf(answer);
  const status = find("#status", HTMLElement);
  setText(status, words ?? "");
  status.hidden = words === undefined;
}

function channelInAddress(): string | undefined {
  return channelName.safeParse(new URLSearchParams(location.search).get("channel")).data;
}
