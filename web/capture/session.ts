import { aborted, type PublisherStatus, READY, statusOf } from "./broadcast-end.ts";
import { CaptureFailure } from "./failures.ts";
import type { Preview } from "./preview.ts";
import type { Publisher } from "./publisher.ts";
import { channelProblem } from "./settings.ts";
import type { PictureChoice, SettingsForm } from "./settings-form.ts";
import type { CaptureSource } from "./source.ts";
import { explainKept, SourceKeeper } from "./source-keeper.ts";

/** What a session works with. */
export interface SessionParts {
  readonly form: SettingsForm;
  readonly preview: Preview;
  readonly publisher: Publisher;
  readonly open: (choice: PictureChoice) => Promise<CaptureSource>;
  readonly onStatus: (status: PublisherStatus) => void;
  /** Things worth knowing about the source; an empty list clears them. */
  readonly onNotes: (notes: readonly string[]) => void;
}

/** Connects the form, the preview and the publisher: what Start does, and what a change of the form does. */
export class CaptureSession {
  readonly #parts: SessionParts;
  #isBusy = false;
  #starts = 0;
  /** While a broadcast's picture is opened, which may take as long as a person thinks about it. */
  #opening: AbortController | undefined;
  #keeper: SourceKeeper | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Whether a broadcast is running or being started. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Opens the source if need be and publishes it until the broadcast ends. Never rejects. */
  async start(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#starts += 1;
    try {
      await this.#publish();
    } catch (error) {
      this.#parts.onStatus(statusOf(error));
    } finally {
      this.#isBusy = false;
    }
  }

  /** Ends the broadcast, or calls it off while its picture is being opened. */
  stop(): void {
    if (this.#opening === undefined) this.#parts.publisher.stop();
    else this.#callOff();
  }

  /** Ends everything at once: the page is being left, and nothing can be waited for. */
  leave(): void {
    this.#callOff();
    this.#parts.publisher.abandon();
  }

  /** Shows the chosen source without publishing it. Never rejects. */
  async showPreview(): Promise<void> {
    if (this.#isBusy) return;
    const starts = this.#starts;
    const status = await this.#openSource().then(() => READY, statusOf);
    // What became of a Start in the meantime matters more.
    if (starts === this.#starts) this.#parts.onStatus(status);
  }

  /** Goes on air with what the form says now; what cannot be had leaves everything as it was. Never rejects. */
  async changePicture(): Promise<void> {
    const { form, onNotes } = this.#parts;
    const keeper = this.#keeper;
    try {
      await keeper?.change(form.settings);
      await form.refreshDevices();
    } catch (error) {
      onNotes([explainKept(error)]);
      if (keeper !== undefined) form.choose(keeper.choice);
    }
  }

  async #publish(): Promise<void> {
    const { form, publisher, onStatus } = this.#parts;
    const { settings } = form;
    const problem = channelProblem(settings.channel);
    if (problem !== undefined) throw new CaptureFailure(problem);
    if (typeof MediaRecorder === "undefined") throw new CaptureFailure("This browser cannot record video.");
    onStatus({ state: "connecting", text: "Opening the picture…" });
    const source = await this.#openForBroadcast();
    if (source === undefined) return onStatus(READY);
    using keeper = new SourceKeeper(this.#parts, settings, source);
    this.#keeper = keeper;
    const { channel, key, kbps } = settings;
    await publisher.publish({ stream: source.stream, channel, key, kbps });
    this.#keeper = undefined;
  }

  /** Undefined when it was called off meanwhile; a device that is given out too late is given back. */
  async #openForBroadcast(): Promise<CaptureSource | undefined> {
    const opening = new AbortController();
    this.#opening = opening;
    try {
      return await Promise.race([this.#openSource(opening.signal), aborted(opening.signal)]);
    } finally {
      this.#opening = undefined;
    }
  }

  #callOff(): void {
    this.#opening?.abort();
    this.#parts.preview.clear();
  }

  async #openSource(signal?: AbortSignal): Promise<CaptureSource> {
    const { form, preview, open, onNotes } = this.#parts;
    const { settings } = form;
    const source = await preview.show(settings, () => open(settings));
    if (signal?.aborted === true) return source;
    onNotes(source.notes);
    // Devices have names only after their use was allowed.
    await form.refreshDevices();
    return source;
  }
}
