import { chatReplay, type ReplayedLine } from "../../server/protocol/chat.ts";
import { make } from "../ui/dom.ts";
import { formatDuration } from "../ui/format.ts";
import type { ChatIdentity } from "./chat-identity.ts";
import { ChatLog } from "./chat-log.ts";
import { ChatPanel } from "./chat-panel.ts";
import { linesUntil } from "./lines-until.ts";

/** What was said after the last picture belongs to the end; times of pictures are not exact to more than this. */
const END_SECONDS = 0.5;
/** More lines at a time are shown, not read out: the viewer has jumped. */
const JUMP_LINES = 20;

/** What a replay is made with. */
export interface ReplayChatParts {
  /** Of the recording's chat. */
  readonly url: string;
  readonly video: HTMLVideoElement;
  readonly identity: ChatIdentity;
  readonly signal: AbortSignal;
}

/** Shows what was said in time with the picture of a recording; nothing when nothing was said. */
export async function replayChat({ url, video, identity, signal }: ReplayChatParts): Promise<void> {
  const lines = await fetchLines(url, signal);
  if (lines.length === 0 || signal.aborted) return;
  const panel = new ChatPanel(identity, "Chat replay");
  const places = new Map(lines.map(({ id, seconds }) => [id, formatDuration(seconds * 1000)]));
  const log = new ChatLog("Nothing has been said up to here.", { when: ({ id }) => places.get(id) ?? "" });
  panel.fill(log.element, log.newer, make("p", { class: "hint" }, "What was said is shown as the recording plays."));
  panel.onOpen = () => log.toEnd();
  panel.isShown = true;
  let shown = 0;
  const follow = () => {
    const isAtEnd = video.currentTime > video.duration - END_SECONDS;
    const count = isAtEnd ? lines.length : linesUntil(lines, video.currentTime);
    if (count < shown || count - shown > JUMP_LINES) log.show(lines.slice(0, count));
    else for (const line of lines.slice(shown, count)) log.add(line);
    shown = count;
  };
  for (const event of ["timeupdate", "seeking", "durationchange"]) video.addEventListener(event, follow, { signal });
  follow();
}

async function fetchLines(url: string, signal: AbortSignal): Promise<readonly ReplayedLine[]> {
  try {
    const response = await fetch(url, { signal });
    return response.ok ? chatReplay.parse(await response.json()).items : [];
  } catch {
    return [];
  }
}
