/** How a source ended by itself: a person stopped sharing, or a device went away. */
export interface SourceEnd {
  readonly kind: "stopped" | "lost";
  readonly text: string;
}

/** A running picture, with or without sound. */
export interface CaptureSource {
  readonly stream: MediaStream;
  /** What the person should know, such as why there is no sound. */
  readonly notes: readonly string[];
  /** Resolves when the picture ends and nobody closed the source. Never rejects. */
  readonly ended: Promise<SourceEnd>;
  /** Called with words when something changes that the broadcast survives. */
  onNote: (text: string) => void;
  /** Gives the devices back. */
  close(): void;
}
