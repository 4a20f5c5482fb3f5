import type { LiveBroadcast } from "../../server/protocol/api.ts";
import { getChannel } from "../ui/api.ts";
import { make, setText } from "../ui/dom.ts";
import { poll } from "../ui/poll.ts";

const POLL_MS = 2_000;

/** Where the report is shown. */
export interface ChannelReportView {
  /** One sentence: can people watch already? */
  readonly watchable: HTMLElement;
  readonly notices: HTMLElement;
}

/** While live, asks the server how the broadcast looks from its side and shows what the publisher should know. */
export function reportChannel(channel: string, view: ChannelReportView, signal: AbortSignal): void {
  setText(view.watchable, "The server is preparing the stream…");
  view.notices.replaceChildren();
  const round = async () => {
    const answer = await getChannel(channel, signal);
    if (signal.aborted) return;
    // What was true before is not known any more.
    if (answer.kind === "unreachable") setText(view.watchable, "");
    if (answer.kind !== "ok") return;
    const { broadcast } = answer.value;
    if (broadcast === null) return;
    setText(view.watchable, watchableWords(broadcast));
    showNotices(
      view.notices,
      broadcast.notices.map((notice) => notice.text),
    );
  };
  void poll(round, POLL_MS, signal);
}

function watchableWords({ failure, ready, state }: LiveBroadcast): string {
  if (failure !== null) return "People cannot watch this any more. What you send is still taken.";
  if (state === "interrupted") return "The picture that people see stands still until the connection is back.";
  return ready ? "People can watch now." : "The server is preparing the stream…";
}

/** What a source, the connection or the server have to say, each as one line; unchanged lines stay untouched. */
export function showNotices(list: HTMLElement, texts: readonly string[]): void {
  const shown = [...list.children].map((line) => line.textContent);
  if (shown.length === texts.length && shown.every((text, index) => text === texts[index])) return;
  list.replaceChildren(...texts.map((text) => make("li", {}, text)));
}
