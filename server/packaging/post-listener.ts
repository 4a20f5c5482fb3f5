import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request as ask, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { deadline } from "../core/deadline.ts";
import { Pulse } from "../core/pulse.ts";
import { BoxReader } from "../media/boxes.ts";
import type { Presentation } from "./presentation.ts";
import { previewPath, previewTime, readPreview } from "./preview-post.ts";
import type { Previews } from "./previews.ts";
import type { Track } from "./track.ts";
import { TrackAssembler } from "./track-assembler.ts";

/** The largest box that an encoder may send: one chunk is a few frames. */
const MAX_BOX_BYTES = 64 * 1024 * 1024;

/** A POST that FFmpeg opened is in the kernel's queue when FFmpeg is gone; this is time enough to find it there. */
const ARRIVAL_MS = 500;

/** Told what was wrong with what an encoder sent. */
export type PostReport = (problem: string, details: Record<string, unknown>) => void;

/** One run of an encoder that is expected to send its tracks. */
export interface ExpectedRun {
  readonly presentation: Presentation;
  /** How many POSTs will come: FFmpeg opens all of them at its start. */
  readonly posts: number;
  readonly report: PostReport;
  /** Where preview images go, which come in a POST each; undefined when none are wanted. */
  readonly previews?: Previews | undefined;
}

/** A run's addresses, and its end. */
export interface OpenRun {
  urlOf(track: string): string;
  /** Where preview images go, with `%d` for their time in hundredths of a second since `zero` (seconds). */
  previewUrl(zero: number): string;
  /** Resolves when every POST that was begun has been read to its end. Afterwards the addresses are gone. */
  end(): Promise<void>;
}

interface RunEntry {
  readonly run: ExpectedRun;
  /** One for each POST that came; settles when it has been read to its end or was cut off. */
  readonly posts: Promise<unknown>[];
  /** Preview images that are being read. */
  readonly images: Set<Promise<void>>;
  readonly arrived: Pulse;
}

/**
 * The loopback address to which our encoders send one POST of CMAF per track (DASH-IF live media ingest, interface 1).
 *
 * Every address contains a secret of its run, so nothing but what this process started can use it. Each POST is read to
 * its end whatever is in it: FFmpeg gives all its outputs up when one of them breaks or stalls.
 */
export class PostListener implements AsyncDisposable {
  readonly #server: Server;
  readonly #runs = new Map<string, RunEntry>();

  static async start(): Promise<PostListener> {
    const listener = new PostListener();
    listener.#server.listen(0, "127.0.0.1");
    await once(listener.#server, "listening");
    return listener;
  }

  private constructor() {
    // An encoder sends one request for as long as the broadcast lasts.
    this.#server = createServer({ requestTimeout: 0 }, (request, response) => this.#take(request, response));
  }

  /** Expects a run: its tracks may be sent until it ends. */
  expect(run: ExpectedRun): OpenRun {
    const secret = randomBytes(16).toString("hex");
    const entry: RunEntry = { run, posts: [], images: new Set(), arrived: new Pulse() };
    this.#runs.set(secret, entry);
    const address = `${this.#origin}/${secret}`;
    return {
      urlOf: (track) => `${address}/${track}`,
      previewUrl: (zero) => `${address}/${previewPath(zero)}`,
      end: async () => {
        await allArrived(entry);
        if (run.previews !== undefined) await this.#takeAll();
        this.#runs.delete(secret);
        await Promise.all([...entry.posts, ...entry.images]);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    if (this.#server.listening) await once(this.#server, "close");
  }

  get #origin(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Resolves when every connection that was made before has been taken: they are taken in their order. */
  async #takeAll(): Promise<void> {
    const own = ask(this.#origin, { agent: false }).end();
    await once(own, "response").then(
      () => own.destroy(),
      () => {},
    );
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const [, secret = "", name = "", ...rest] = (request.url ?? "").split("/");
    const entry = this.#runs.get(secret);
    if (name === "preview" && entry?.run.previews !== undefined) return takePreview(request, response, entry, rest);
    const track = entry?.run.presentation.track(name);
    if (entry === undefined || track === undefined || request.method !== "POST") {
      response.writeHead(404).end();
      request.resume();
      return;
    }
    entry.posts.push(once(request, "close").catch(() => {}));
    entry.arrived.fire();
    request.on("end", () => response.end());
    request.on("error", () => {});
    read(request, track, entry.run);
  }
}

/** Reads a preview image to its end; one that cannot be used is left out. */
function takePreview(request: IncomingMessage, response: ServerResponse, entry: RunEntry, path: string[]): void {
  const { previews, report } = entry.run;
  const seconds = previewTime(...path);
  const image = readPreview(request)
    .then((bytes) => {
      if (bytes !== undefined && seconds !== undefined) previews?.add(bytes, seconds);
      else report("the encoder sent a preview that cannot be used", { path: path.join("/") });
      response.end();
    })
    // Its connection was cut off.
    .catch(() => {})
    .finally(() => entry.images.delete(image));
  entry.images.add(image);
}

async function allArrived({ run, posts, arrived }: RunEntry): Promise<void> {
  using limit = deadline(new AbortController().signal, ARRIVAL_MS);
  while (posts.length < run.posts) {
    if (
      !(await arrived.wait(limit.signal).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}

/** Reads the body box by box. After something unreadable the rest is only drained. */
function read(request: IncomingMessage, track: Track, { presentation, report }: ExpectedRun): void {
  const boxes = new BoxReader({ maxBoxBytes: MAX_BOX_BYTES });
  const assembler = new TrackAssembler(track);
  let broken = false;
  request.on("data", (bytes: Buffer) => {
    if (broken) return;
    try {
      for (const box of boxes.push(bytes)) assembler.add(box);
    } catch (error) {
      broken = true;
      report("the encoder sent something that cannot be used", { track: track.name, err: error });
    }
    if (track.kind === "video") presentation.wakeSound();
  });
}
