import type { PublisherStatus } from "./broadcast-end.ts";
import { CaptureFailure } from "./failures.ts";
import { chooseFormat } from "./formats.ts";
import { openSource } from "./open-source.ts";
import type { Preview } from "./preview.ts";
import type { Publisher } from "./publisher.ts";
import { channelProblem } from "./settings.ts";
import type { SettingsForm } from "./settings-form.ts";
import type { CaptureSource } from "./source.ts";

/** What a session works with. */
export interface SessionParts {
  readonly form: SettingsForm;
  readonly preview: Preview;
  readonly publisher: Publisher;
  readonly onStatus: (status: PublisherStatus) => void;
  /** Things worth knowing about the source; an empty list clears them. */
  readonly onNotes: (notes: readonly string[]) => void;
}

/** Connects the form, the preview and the publisher: what Start does, and what a change of the form does. */
export class CaptureSession {
  readonly #parts: SessionParts;
  #busy = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Opens the source if need be and publishes it until the broadcast ends. Never rejects. */
  async start(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#parts.form.locked = true;
    try {
      await this.#publish();
    } catch (error) {
      this.#parts.onStatus({ state: "error", text: wordsOf(error) });
    } finally {
      this.#parts.form.locked = false;
      this.#busy = false;
    }
  }

  /** Shows the chosen source without publishing it. Never rejects. */
  async showPreview(): Promise<void> {
    if (this.#busy) return;
    try {
      await this.#openSource();
      if (!this.#busy) this.#parts.onStatus({ state: "idle", text: "Ready. Press Start to go live." });
    } catch (error) {
      this.#parts.onStatus({ state: "error", text: wordsOf(error) });
    }
  }

  async #publish(): Promise<void> {
    const { form, publisher, onStatus } = this.#parts;
    const { channel, key, kbps } = form.settings;
    const problem = channelProblem(channel);
    if (problem !== undefined) throw new CaptureFailure(problem);
    if (typeof MediaRecorder === "undefined") throw new CaptureFailure("This browser cannot record video.");
    onStatus({ state: "connecting", text: "Opening the picture…" });
    const source = await this.#openSource();
    const withAudio = source.stream.getAudioTracks().length > 0;
    const format = chooseFormat(withAudio, (mimeType) => MediaRecorder.isTypeSupported(mimeType));
    if (format === undefined) throw new CaptureFailure("This browser records no format that can be sent.");
    await publisher.publish({ source, format, channel, key, kbps });
  }

  async #openSource(): Promise<CaptureSource> {
    const { form, preview, onNotes } = this.#parts;
    const { channel: _channel, key: _key, kbps: _kbps, ...picture } = form.settings;
    const source = await preview.show(JSON.stringify(picture), () => openSource(picture.source, picture));
    const notes = [...source.notes];
    onNotes(notes);
    source.onNote = (text) => onNotes([...notes, text]);
    // Devices have names only after their use was allowed.
    await form.refreshDevices();
    return source;
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof CaptureFailure) return error.message;
  return `Something went wrong on this page: ${error instanceof Error ? error.message : String(error)}`;
}
