import { find, setText } from "../ui/dom.ts";
import { hasPassphrase, readSource, type SourceFields } from "./source-words.ts";

const KINDS = ["address", "file", "folder"] as const;
const HINTS: Readonly<Record<SourceFields["kind"], string>> = {
  address: "An rtsp, rtsps, rtmp, rtmps or srt address, or the http or https address of an HLS playlist.",
  file: "Played round and round. A path below the server's folder of sources (MILLRACE_SOURCES_DIR).",
  folder: "Each file in it becomes a channel. A path below the server's folder of sources (MILLRACE_SOURCES_DIR).",
};

const EMPTY: SourceFields = {
  kind: "address",
  where: "",
  passphrase: "",
  start: "always",
  stopAfterSeconds: "10",
  record: "",
};

/** The form that names a source: shows only what the chosen kind has, and says what is wrong while it is written. */
export class SourceForm {
  readonly #form: HTMLFormElement;
  readonly #kind: HTMLSelectElement;
  readonly #where: HTMLInputElement;
  readonly #passphrase: HTMLInputElement;
  readonly #start: HTMLSelectElement;
  readonly #stopAfter: HTMLInputElement;
  readonly #record: HTMLSelectElement;
  readonly #words: HTMLElement;
  #isTouched = false;

  constructor(form: HTMLFormElement) {
    this.#form = form;
    const input = (name: string) => find(`input[name="${name}"]`, HTMLInputElement, form);
    const select = (name: string) => find(`select[name="${name}"]`, HTMLSelectElement, form);
    [this.#kind, this.#start, this.#record] = [select("kind"), select("start"), select("record")];
    [this.#where, this.#passphrase, this.#stopAfter] = [input("where"), input("passphrase"), input("stopAfterSeconds")];
    this.#words = find("#source-words", HTMLElement, form);
    form.addEventListener("input", () => {
      this.#isTouched = true;
      this.#check();
    });
    this.fill(EMPTY);
  }

  /** Somebody has begun to write: what is there must not be overwritten. */
  get isTouched(): boolean {
    return this.#isTouched;
  }

  /** `location` is what is shown of an address that has to be written again. */
  fill(fields: SourceFields = EMPTY, location = ""): void {
    this.#kind.value = fields.kind;
    this.#where.value = fields.where;
    this.#where.placeholder = location;
    this.#passphrase.value = fields.passphrase;
    this.#start.value = fields.start;
    this.#stopAfter.value = fields.stopAfterSeconds;
    this.#record.value = fields.record;
    this.#isTouched = false;
    this.#check();
  }

  read(): SourceFields {
    const { value: record } = this.#record;
    return {
      kind: KINDS.find((kind) => kind === this.#kind.value) ?? "address",
      where: this.#where.value,
      passphrase: this.#passphrase.value,
      start: this.#start.value === "demand" ? "demand" : "always",
      stopAfterSeconds: this.#stopAfter.value,
      record: record === "true" || record === "false" ? record : "",
    };
  }

  #check(): void {
    const fields = this.read();
    setText(find("#source-where", HTMLElement, this.#form), fields.kind === "address" ? "Address" : "Path");
    const part = (input: HTMLInputElement, isShown: boolean) => {
      if (input.parentElement !== null) input.parentElement.hidden = !isShown;
      // What is not seen must not keep the form from being sent.
      input.disabled = !isShown;
    };
    part(this.#passphrase, hasPassphrase({ ...fields, where: fields.where || this.#where.placeholder }));
    part(this.#stopAfter, fields.start === "demand");
    const { problem } = readSource(fields);
    const isWrong = problem !== undefined && fields.where.trim() !== "";
    this.#where.setCustomValidity(isWrong ? problem : "");
    this.#where.setAttribute("aria-invalid", String(isWrong));
    this.#words.classList.toggle("trouble", isWrong);
    setText(this.#words, isWrong ? problem : HINTS[fields.kind]);
  }
}
