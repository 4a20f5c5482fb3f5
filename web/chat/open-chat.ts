import { pageStore } from "../player/delay-wish.ts";
import type { WatchTarget } from "../player/watch-target.ts";
import { channelAddresses, recordingAddresses } from "../ui/addresses.ts";
import { ChatIdentity } from "./chat-identity.ts";
import { ChatPanel } from "./chat-panel.ts";
import { LiveChat } from "./live-chat.ts";
import { replayChat } from "./replay-chat.ts";

/** What the chat needs of the page that it is on. */
export interface OpenChatRequest {
  readonly target: WatchTarget;
  /** That of a link, where one is needed. */
  readonly token: string | undefined;
  readonly video: HTMLVideoElement;
  readonly signal: AbortSignal;
}

/** Opens the chat of what is watched; it shows itself when there is one. */
export function openChat({ target, token, video, signal }: OpenChatRequest): void {
  const identity = new ChatIdentity(pageStore());
  if (target.kind === "channel") {
    const url = channelAddresses(location, target.channel, token).chat;
    new LiveChat({ url, identity, panel: new ChatPanel(identity) }).start(signal);
  } else if (target.kind === "recording") {
    void replayChat({ url: recordingAddresses(location, target.id, token).chat, video, identity, signal });
  }
}
