import type { Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import { type Answer, AnswerReader } from "./answer-reader.ts";
import { openConnection } from "./connection.ts";
import type { Crowd } from "./crowd.ts";
import { type ListedPart, mediaPlaylists, type PlaylistView, viewPlaylist } from "./playlist.ts";
import { ROOT } from "./talk.ts";

/** A viewer of LL-HLS that asks as hls.js does, and throws away what it gets. */
export class HlsViewer {
  constructor(crowd: Crowd) {
    const master = new Requests(crowd);
    master.get(`${ROOT}master.m3u8`, true, (answer) => {
      master.close();
      if (answer.status !== 200) return crowd.refused(`${answer.status} ${detailOf(answer)}`);
      const { video, audio } = mediaPlaylists(textOf(answer));
      new TrackReader(crowd, `${ROOT}${video}`, true);
      new TrackReader(crowd, `${ROOT}${audio}`, false);
    });
  }
}

function detailOf(answer: Answer): string {
  return /"detail":"([^"]*)"/.exec(textOf(answer))?.[1] ?? "";
}

/** Reads one track to its edge: a blocking reload, then the parts that it has found, on one connection. */
class TrackReader {
  readonly #crowd: Crowd;
  readonly #requests: Requests;
  readonly #playlist: string;
  readonly #folder: string;
  readonly #isPicture: boolean;
  #lastPart: number | undefined;

  constructor(crowd: Crowd, playlist: string, isPicture: boolean) {
    this.#crowd = crowd;
    this.#requests = new Requests(crowd);
    this.#playlist = playlist;
    this.#folder = playlist.slice(0, playlist.lastIndexOf("/") + 1);
    this.#isPicture = isPicture;
    this.#reload("");
  }

  #reload(query: string): void {
    this.#requests.get(this.#playlist + query, true, (answer) => {
      if (answer.status !== 200) return this.#fail(answer);
      const { next, parts } = viewOf(this.#playlist, answer);
      const last = this.#lastPart ?? (parts.at(-1)?.number ?? 0) - 1;
      this.#fetch(
        parts.filter(({ number }) => number > last),
        next,
      );
    });
  }

  #fetch([part, ...others]: readonly ListedPart[], next: string): void {
    if (part === undefined) return this.#reload(next);
    this.#requests.get(this.#folder + part.uri, false, (answer) => {
      if (answer.status !== 200) return this.#fail(answer);
      if (this.#isPicture && this.#lastPart === undefined) this.#crowd.served();
      if (this.#isPicture) this.#crowd.picture(part.dueMs);
      this.#lastPart = part.number;
      this.#fetch(others, next);
    });
  }

  /** What a player would recover from is the end here: nothing of the kind may happen. */
  #fail({ status }: Answer): void {
    this.#requests.close();
    this.#crowd.failed(`${status}`);
  }
}

/** A connection that is kept open, with one request at a time. */
class Requests {
  readonly #socket: Socket;
  readonly #answers: AnswerReader;
  #onAnswer: (answer: Answer) => void = () => {};

  constructor(crowd: Crowd) {
    this.#answers = new AnswerReader((answer) => {
      crowd.answer();
      this.#onAnswer(answer);
    });
    this.#socket = openConnection(crowd.aim.port, {
      onOpen: () => {},
      onBytes: (bytes) => {
        crowd.received(bytes.byteLength);
        this.#answers.take(bytes);
      },
      onClosed: () => {},
    });
  }

  get(path: string, wantsBody: boolean, onAnswer: (answer: Answer) => void): void {
    this.#answers.expect(wantsBody);
    this.#onAnswer = onAnswer;
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n`);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Versions of playlists that are remembered: both tracks, and those who are a little late. */
const VIEWS_KEPT = 32;
const views = new Map<string, PlaylistView>();

/** All viewers get the same texts, so each is read once: gzip ends with a checksum and the length of what is in it. */
function viewOf(playlist: string, answer: Answer): PlaylistView {
  if (!answer.gzipped) return viewPlaylist(textOf(answer));
  const key = playlist + answer.body.toString("latin1", answer.body.byteLength - 8);
  const known = views.get(key);
  if (known !== undefined) return known;
  const view = viewPlaylist(textOf(answer));
  if (views.size >= VIEWS_KEPT) views.clear();
  views.set(key, view);
  return view;
}

function textOf({ gzipped, body }: Answer): string {
  return (gzipped ? gunzipSync(body) : body).toString();
}
