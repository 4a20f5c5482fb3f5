/** One small picture, YUV 4:2:0: the chroma planes have half the width and height, rounded up. */
export interface PictureFrame {
  readonly kind: "picture";
  /** Seconds on the broadcast's timeline. */
  readonly time: number;
  readonly width: number;
  readonly height: number;
  /** One byte per pixel, row by row without padding. */
  readonly planes: { readonly y: Uint8Array; readonly u: Uint8Array; readonly v: Uint8Array };
}

/** A stretch of sound, about 50 ms. */
export interface SoundFrame {
  readonly kind: "sound";
  /** Of the first sample, in seconds on the broadcast's timeline. */
  readonly time: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** Signed 16 bits, channels interleaved. */
  readonly samples: Int16Array;
}

/** What analysers are given. It is theirs: nobody else reads it. */
export type Frame = PictureFrame | SoundFrame;

/** A frame on its way to another thread. */
export interface FrameParcel {
  readonly kind: Frame["kind"];
  readonly time: number;
  /** Width and height, or sample rate and channels. */
  readonly shape: readonly [number, number];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Unpacks a frame; its arrays are views of the parcel. */
export function unpackFrame({ kind, time, shape: [first, second], bytes }: FrameParcel): Frame {
  if (kind === "sound") {
    const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
    return { kind, time, sampleRate: first, channels: second, samples };
  }
  const pixels = first * second;
  const chroma = Math.ceil(first / 2) * Math.ceil(second / 2);
  const planes = {
    y: bytes.subarray(0, pixels),
    u: bytes.subarray(pixels, pixels + chroma),
    v: bytes.subarray(pixels + chroma, pixels + 2 * chroma),
  };
  return { kind, time, width: first, height: second, planes };
}
