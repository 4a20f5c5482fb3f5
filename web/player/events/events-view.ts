import { find, make, setText } from "../../ui/dom.ts";
import { formatDuration } from "../../ui/format.ts";
import { KeyedList } from "../../ui/keyed-list.ts";
import { lengthWords, levelWords, nameOf } from "./event-words.ts";
import { endOf, isOn, type Mark, type Marks, type Moment, placeOf } from "./marks.ts";

/** More than this nobody reads, and no bar has room for. */
const MOST_SHOWN = 300;

/** As often as pictures are looked at twice over. */
const REFRESH_MS = 100;

/** What the view shows events of. */
export interface EventsViewParts {
  readonly video: HTMLVideoElement;
  readonly marks: Marks;
  /** Undefined while nothing plays whose clock is known. */
  readonly moment: () => Moment | undefined;
  /** Live, only what has been on screen is shown, the newest first; in a recording everything, as it comes. */
  readonly isLive: boolean;
}

/** What was seen and heard: marks below the seek bar, and a list in words that leads there. */
export class EventsView {
  readonly #parts: EventsViewParts;
  readonly #frame = find("#events", HTMLElement);
  readonly #levels = find("#levels", HTMLElement);
  readonly #bar = find("#rewind", HTMLInputElement);
  readonly #strip = find("#marks", HTMLElement);
  readonly #listed = find("#event-list", HTMLElement);
  readonly #list: KeyedList<Mark>;
  readonly #onStrip: KeyedList<Mark>;

  constructor(parts: EventsViewParts) {
    this.#parts = parts;
    this.#list = new KeyedList(this.#listed, (mark) => this.#item(mark));
    const onStrip = ({ type, shape }: Mark) => make("span", { "data-type": type, "data-shape": shape });
    this.#onStrip = new KeyedList(this.#strip, onStrip);
    setInterval(() => document.hidden || this.#refresh(), REFRESH_MS);
  }

  /** Shows what belongs to the moment on screen. */
  #refresh(): void {
    const moment = this.#parts.moment();
    const marks = moment === undefined ? [] : this.#shown(moment);
    const samples = moment === undefined ? [] : this.#parts.marks.samplesAt(moment);
    this.#frame.hidden = marks.length === 0 && samples.length === 0;
    this.#strip.hidden = marks.length === 0 || this.#bar.disabled;
    setText(this.#levels, levelWords(samples));
    this.#levels.hidden = samples.length === 0;
    const inOrder = this.#parts.isLive ? marks.toReversed() : marks;
    this.#list.show(inOrder, (mark) => `${mark.id} ${mark.durationMs}`);
    this.#onStrip.show(marks, ({ id }) => String(id));
    if (moment === undefined) return;
    // Both lists have their elements in this order.
    for (const [index, mark] of inOrder.entries()) {
      this.#listed.children[index]?.firstElementChild?.setAttribute("aria-current", String(isOn(mark, moment)));
    }
    for (const [index, mark] of marks.entries()) this.#lay(this.#strip.children[index], mark, moment);
  }

  #shown(moment: Moment): readonly Mark[] {
    const all = this.#parts.marks.marks;
    const seen = all.filter((mark) => placeOf(mark, moment.clock) <= moment.seconds);
    if (this.#parts.isLive) return seen.slice(-MOST_SHOWN);
    // Of too many those around what is on screen.
    const first = Math.min(Math.max(0, seen.length - MOST_SHOWN / 2), Math.max(0, all.length - MOST_SHOWN));
    return all.slice(first, first + MOST_SHOWN);
  }

  #item(mark: Mark): HTMLElement {
    const length = lengthWords(mark);
    const button = make(
      "button",
      { type: "button", class: "event" },
      make("span", { class: "event-mark", "data-type": mark.type, "data-shape": mark.shape, "aria-hidden": "true" }),
      make("span", { class: "event-time" }, this.#timeWords(mark)),
      make("span", { class: "event-name" }, nameOf(mark)),
      ...(length === "" ? [] : [make("span", { class: "event-length" }, length)]),
    );
    button.addEventListener("click", () => this.#goTo(mark));
    return make("li", {}, button);
  }

  #timeWords(mark: Mark): string {
    if (!this.#parts.isLive) return formatDuration(placeOf(mark, "place") * 1000);
    return new Date(mark.at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  }

  /** As near as the picture can go: live, what is long ago is not there any more. */
  #goTo(mark: Mark): void {
    const { video } = this.#parts;
    const at = this.#inVideo(placeOf(mark, this.#parts.moment()?.clock ?? "place"));
    const { seekable } = video;
    if (at === undefined || seekable.length === 0) return;
    video.currentTime = Math.min(Math.max(at, seekable.start(0)), seekable.end(seekable.length - 1));
  }

  /** The video's own clock and that of the events go alike, but need not begin alike. */
  #inVideo(place: number): number | undefined {
    const moment = this.#parts.moment();
    return moment === undefined ? undefined : this.#parts.video.currentTime + place - moment.seconds;
  }

  #lay(element: Element | undefined, mark: Mark, moment: Moment): void {
    const [min, max] = [Number(this.#bar.min), Number(this.#bar.max)];
    const begin = this.#inVideo(placeOf(mark, moment.clock));
    const end = this.#inVideo(
      Math.min(endOf(mark, moment.clock), this.#parts.isLive ? moment.seconds : Number.POSITIVE_INFINITY),
    );
    if (!(element instanceof HTMLElement) || begin === undefined || end === undefined || max <= min) return;
    const share = (place: number) => Math.min(1, Math.max(0, (place - min) / (max - min)));
    element.hidden = end < min || begin > max;
    element.style.setProperty("--from", String(share(begin)));
    element.style.setProperty("--to", String(share(end)));
  }
}
