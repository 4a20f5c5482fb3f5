import type { Publication } from "../../server/broadcast/publication.ts";
import { PostListener } from "../../server/packaging/post-listener.ts";
import { Presentation } from "../../server/packaging/presentation.ts";
import { type PreviewImage, Previews } from "../../server/packaging/previews.ts";
import { Receiver } from "../../server/packaging/receiver.ts";
import { Encoding, type EncodingOptions, type EncodingSettings } from "../../server/transcode/encoding.ts";
import { prepareFfmpeg } from "../../server/transcode/ffmpeg.ts";
import { findFfmpeg } from "../../server/transcode/find-ffmpeg.ts";
import type { Source } from "../../server/transcode/source.ts";
import { eventually } from "./eventually.ts";
import { testRegistry } from "./registry.ts";

/** A broadcast that is encoded and packaged for real: log, FFmpeg, listener, presentation. */
export interface EncodedBroadcast extends AsyncDisposable {
  readonly publication: Publication;
  readonly presentation: Presentation;
  readonly encoding: Encoding;
  /** Events that the encoding reported, and what packaging could not use. */
  readonly reports: readonly string[];
  /** Command lines of the runs so far. */
  readonly commands: readonly string[];
  /** Preview images so far, if the settings ask for them. */
  readonly images: readonly PreviewImage[];
  readonly notices: () => string[];
  /** Ends the broadcast and waits until all of it has been published. */
  finish(): Promise<void>;
}

/** Publishes `head` and encodes from there on; `through` may put something between the broadcast and the encoder. */
export async function encodeBroadcast(
  head: Uint8Array,
  { keepUp, ...settings }: Partial<EncodingSettings & Pick<EncodingOptions, "keepUp">> = {},
  through: (source: Source) => Source = (source) => source,
): Promise<EncodedBroadcast> {
  const { binary } = await findFfmpeg(undefined);
  await prepareFfmpeg(binary);
  const on = await testRegistry();
  const listener = await PostListener.start();
  const presentation = new Presentation({ segmentSeconds: 2, partSeconds: 0.2, windowSeconds: 60, keeper: undefined });
  const reports: string[] = [];
  const commands: string[] = [];
  const images: PreviewImage[] = [];
  const keeper = { preview: (image: PreviewImage) => void images.push(image) };
  const previews = settings.previews && new Previews({ everySeconds: settings.previews.everySeconds, keeper });
  const publication = on.registry.publish("channel");
  await publication.write(head);
  await eventually("the broadcast has begun", () => on.begun.length === 1);
  const [broadcast] = on.begun;
  if (broadcast === undefined) throw new Error("no broadcast has begun");
  const receiver = new Receiver(presentation, listener, (problem) => reports.push(problem), previews);
  const encoding = new Encoding(through(broadcast), receiver, {
    settings: {
      binary,
      encoder: "libx264",
      ladder: [{ original: true }],
      segmentSeconds: 2,
      maxKeyIntervalSeconds: 3,
      audioKbps: 96,
      ...settings,
    },
    ...(keepUp === undefined ? {} : { keepUp }),
    report: (event, details) => {
      reports.push(event);
      if (typeof details.command === "string") commands.push(details.command);
    },
  });
  return {
    publication,
    presentation,
    encoding,
    reports,
    commands,
    images,
    notices: () => broadcast.notices.map(({ text }) => text),
    async finish() {
      await publication.finish({ reason: "finished" });
      await encoding.ended;
      presentation.finish();
    },
    async [Symbol.asyncDispose]() {
      await encoding[Symbol.asyncDispose]();
      await on[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}
