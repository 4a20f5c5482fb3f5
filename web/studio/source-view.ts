import type { Source } from "../../server/protocol/sources.ts";
import type { Answer } from "../ui/api.ts";
import { askInDialog } from "../ui/dialog.ts";
import { find, make, setText } from "../ui/dom.ts";
import { onClick } from "./on-click.ts";
import { onSubmit } from "./on-submit.ts";
import { SourceForm } from "./source-form.ts";
import { fieldsOf, readSource, sourceWords, stateWords } from "./source-words.ts";
import { tellTrouble } from "./stop-broadcast.ts";
import type { Studio } from "./studio.ts";
import { troubleOf } from "./trouble.ts";

/** What the server fetches a channel from by itself: how that goes, and the form that names, changes and removes it. */
export class SourceView {
  readonly #studio: Studio;
  readonly #channel: string;
  readonly #form: SourceForm;
  readonly #remove = find("#remove-source", HTMLButtonElement);
  readonly #summary = find("#source-more > summary", HTMLElement);
  #shown = "";

  constructor(studio: Studio, channel: string) {
    this.#studio = studio;
    this.#channel = channel;
    const form = find("#source", HTMLFormElement);
    this.#form = new SourceForm(form);
    onSubmit(form, () => this.#save(), "Saved: it begins at once, or when somebody watches.");
    onClick(this.#remove, () => this.#delete());
  }

  async refresh(): Promise<void> {
    const answer = await this.#studio.api.sources();
    if (answer.kind !== "ok") return;
    const { items } = answer.value;
    const own = items.find(({ name }) => name === this.#channel);
    const folder = items.find(({ channels }) => channels.some(({ channel }) => channel === this.#channel));
    this.#tell(own ?? folder);
    const isFixed = own?.from === "config" || (own === undefined && folder !== undefined);
    find("#source-more", HTMLElement).hidden = isFixed;
    this.#remove.hidden = own === undefined || isFixed;
    setText(this.#summary, own === undefined ? "Name a source" : "Change or remove the source");
    if (!this.#form.isTouched) this.#fill(own);
  }

  /** A source that is the same leaves the form, and the focus in it, alone. */
  #fill(own: Source | undefined): void {
    const key = JSON.stringify(own === undefined ? undefined : { ...own, channels: [], problem: null });
    if (key === this.#shown) return;
    this.#shown = key;
    const { setup } = this.#studio;
    if (own === undefined) this.#form.fill();
    else this.#form.fill(fieldsOf(own, setup.record), own.isWhole ? "" : own.location);
    find("#source-secret", HTMLElement).hidden = own === undefined || own.isWhole;
  }

  #tell(source: Source | undefined): void {
    const state = find("#source-state", HTMLElement);
    state.hidden = source === undefined;
    if (source === undefined) return;
    const { name, from, problem, channels } = source;
    setText(find("#source-what", HTMLElement), sourceWords(source));
    const own = channels.filter(({ channel }) => source.kind !== "folder" || channel === this.#channel);
    const words = own.map((channel) => stateWords(channel));
    if (source.kind === "folder" && name === this.#channel) words.push(folderWords(source));
    setText(find("#source-how", HTMLElement), [problem ?? [], words].flat().join("; "));
    find("#source-how", HTMLElement).classList.toggle("trouble", isInTrouble(source));
    const note = find("#source-from", HTMLElement);
    if (name !== this.#channel) {
      const link = make("a", { href: `/studio/${encodeURIComponent(name)}` }, name);
      note.replaceChildren("It is a file of the folder that ", link, " is set to watch.");
    } else if (from === "config") setText(note, "It stands in millrace.config.json: change it there.");
    else setText(note, "");
  }

  async #save(): Promise<Answer<unknown>> {
    const read = readSource(this.#form.read());
    if (read.problem !== undefined) return { kind: "refused", status: 400, text: read.problem };
    const answer = await this.#studio.api.setSource(this.#channel, read.settings);
    if (answer.kind === "ok") {
      this.#form.fill();
      this.#shown = "";
      await this.refresh();
    }
    return answer;
  }

  async #delete(): Promise<void> {
    const text = "The server forgets it, and what it publishes ends. Recordings stay.";
    const question = { title: "Remove this source?", text, action: "Remove the source", isDangerous: true };
    if ((await askInDialog(question)) === undefined) return;
    const answer = await this.#studio.api.deleteSource(this.#channel);
    await tellTrouble(troubleOf(answer));
    if (answer.kind === "ok") this.#form.fill();
    await this.refresh();
    // Its button is gone, and the focus with it.
    this.#summary.focus();
  }
}

function folderWords({ channels }: Source): string {
  const names = channels.map((channel) => `${channel.channel} (${stateWords(channel)})`);
  return names.length === 0 ? "no files in it yet" : `its channels: ${names.join(", ")}`;
}

function isInTrouble({ problem, channels }: Source): boolean {
  return problem !== null || channels.some((channel) => channel.problem !== null);
}
