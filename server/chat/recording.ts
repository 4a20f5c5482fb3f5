/** A recording, as far as its chat needs it. */
export interface ChatRecording {
  readonly folder: string;
  /** Of a clip: the folder of what it was cut out of, which has the chat. */
  readonly origin: string | undefined;
  /** Unix time in ms. */
  readonly startedMs: number;
}
