import type { Box } from "../media/boxes.ts";
import type { Track } from "./track.ts";

/** Puts the boxes of one POST together: ftyp and moov are the init segment, each moof and its mdat a chunk. */
export class TrackAssembler {
  readonly #track: Track;
  #ftyp: Uint8Array | undefined;
  #moof: Uint8Array | undefined;

  constructor(track: Track) {
    this.#track = track;
  }

  /** Takes the next box. What is none of the four (styp, sidx, prft, mfra …) is for others. */
  add(box: Box): void {
    if (box.type === "ftyp") this.#ftyp = box.bytes;
    else if (box.type === "moov") this.#track.begin(Buffer.concat([this.#ftyp ?? new Uint8Array(0), box.bytes]));
    else if (box.type === "moof") this.#moof = box.bytes;
    else if (box.type === "mdat" && this.#moof !== undefined) {
      this.#track.add(this.#moof, box.bytes);
      this.#moof = undefined;
    }
  }
}
