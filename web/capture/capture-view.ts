import { channelAddresses, withQuery } from "../ui/addresses.ts";
import { copyLine } from "../ui/copy.ts";
import { find, make, setText } from "../ui/dom.ts";
import { formatBitRate, formatBytes, formatDuration } from "../ui/format.ts";
import type { PublisherState, PublisherStatus } from "./broadcast-end.ts";
import { type ChannelReportView, reportChannel, showNotices } from "./channel-report.ts";
import { describeMimeType } from "./formats.ts";
import type { PublisherFigures } from "./running-broadcast.ts";

const MOST_NOTES = 3;
const RUNNING: readonly PublisherState[] = ["connecting", "live", "reconnecting"];

/** Everything on the capture page that only shows: state, figures, notices, links. */
export class CaptureView {
  readonly #status = find("#status", HTMLElement);
  readonly #statusText = find("#status-text", HTMLElement);
  readonly #keptNote = find("#kept-note", HTMLElement);
  readonly #start = find("#start", HTMLButtonElement);
  readonly #stop = find("#stop", HTMLButtonElement);
  readonly #figures = find("#figures", HTMLElement);
  readonly #warning = find("#warning", HTMLElement);
  readonly #notes = find("#notes", HTMLElement);
  readonly #share = find("#share-links", HTMLElement);
  readonly #report: ChannelReportView = {
    watchable: find("#watchable", HTMLElement),
    notices: find("#notices", HTMLElement),
  };
  #sourceNotes: readonly string[] = [];
  #broadcastNotes: readonly string[] = [];
  #reporting: AbortController | undefined;
  #last = { bytes: 0, atMs: 0, bitsPerSecond: 0 };

  /** Shows a state; while live also what the server says about the channel. */
  showStatus({ state, text }: PublisherStatus, channel: string): void {
    this.#status.dataset.state = state;
    setText(this.#statusText, text);
    const running = RUNNING.includes(state);
    this.#start.disabled = running;
    this.#stop.disabled = !running;
    document.body.classList.toggle("on-air", state === "live" || state === "reconnecting");
    if (state === "connecting") this.#broadcastNotes = [];
    if (state === "live") this.#startReport(channel);
    else if (!running) this.#stopReport();
  }

  /** Shows the figures of the running broadcast; call it a few times a second. */
  showFigures(figures: PublisherFigures | undefined): void {
    this.#figures.hidden = figures === undefined;
    this.#warn(figures?.warning);
    setText(this.#keptNote, this.#status.dataset.state === "reconnecting" ? keptWords(figures?.keptMs ?? 0) : "");
    if (figures === undefined) {
      this.#last = { bytes: 0, atMs: 0, bitsPerSecond: 0 };
      return;
    }
    this.#figure("on-air", formatDuration(performance.now() - figures.liveSinceMs));
    this.#figure("sent", formatBytes(figures.acknowledgedBytes));
    const rate = formatBitRate(this.#bitRate(figures.acknowledgedBytes));
    this.#figure("rate", `${rate} of ${formatBitRate(figures.kbps * 1000)}`);
    const keptBytes = figures.producedBytes - figures.acknowledgedBytes;
    this.#figure("queued", `${(figures.keptMs / 1000).toFixed(1)} s, ${formatBytes(keptBytes)}`);
    this.#figure("format", describeMimeType(figures.mimeType));
  }

  /** What the source has to say, such as a missing microphone, in the place of what it said before. */
  showNotes(notes: readonly string[]): void {
    this.#sourceNotes = notes;
    showNotices(this.#notes, [...notes, ...this.#broadcastNotes]);
  }

  /** What the connection has to say; the newest few stay until the next broadcast. */
  addNote(text: string): void {
    const others = this.#broadcastNotes.filter((note) => note !== text);
    this.#broadcastNotes = [...others, text].slice(-MOST_NOTES);
    this.showNotes(this.#sourceNotes);
  }

  /** The addresses to hand out for this channel. */
  showShare(channel: string): void {
    const addresses = channelAddresses(location, channel);
    this.#share.replaceChildren(
      make("p", {}, make("a", { href: addresses.watch, target: "_blank" }, "Open the watch page")),
      copyLine("Watch page", addresses.watch),
      copyLine("HLS", addresses.hls),
      copyLine("DASH", addresses.dash),
    );
  }

  /** The address that a broadcast is sent to. */
  static socketAddress(channel: string, query: Readonly<Record<string, string>>): string {
    return withQuery(channelAddresses(location, channel).publishSocket, query);
  }

  #figure(name: string, text: string): void {
    setText(find(`#${name}`, HTMLElement, this.#figures), text);
  }

  #warn(text: string | undefined): void {
    setText(this.#warning, text ?? "");
    this.#warning.hidden = text === undefined;
  }

  /** Over about a second: single pieces come too unevenly. */
  #bitRate(bytes: number): number {
    const now = performance.now();
    const elapsedMs = now - this.#last.atMs;
    if (elapsedMs < 1000) return this.#last.bitsPerSecond;
    const fresh = this.#last.atMs === 0 ? 0 : (Math.max(0, bytes - this.#last.bytes) * 8000) / elapsedMs;
    this.#last = { bytes, atMs: now, bitsPerSecond: fresh };
    return fresh;
  }

  #startReport(channel: string): void {
    if (this.#reporting !== undefined) return;
    this.#reporting = new AbortController();
    reportChannel(channel, this.#report, this.#reporting.signal);
  }

  #stopReport(): void {
    this.#reporting?.abort();
    this.#reporting = undefined;
    setText(this.#report.watchable, "");
  }
}

/** It changes all the time, so screen readers are not told; the status itself is. */
function keptWords(keptMs: number): string {
  return `, ${Math.round(keptMs / 1000)} s kept`;
}
