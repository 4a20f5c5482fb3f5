/** Seconds between the epochs of NTP (1900) and Unix (1970). */
const NTP_EPOCH_SECONDS = 2_208_988_800;
const BOX_BYTES = 32;
const VERSION = 1;
/** The time is that at which the frame came to the encoder. */
const AT_ENCODER_INPUT = 0;

/** When a moment of media was where, as players of low latency reckon with it. */
export interface ProducerTime {
  readonly trackId: number;
  /** In ticks of the track. */
  readonly mediaTime: number;
  /** Unix time in ms. */
  readonly wallMs: number;
}

/** A ProducerReferenceTimeBox (ISO/IEC 14496-12 §8.16.5) for the chunk that follows it. */
export function producerReferenceTime({ trackId, mediaTime, wallMs }: ProducerTime): Uint8Array {
  const box = Buffer.alloc(BOX_BYTES);
  box.writeUInt32BE(BOX_BYTES, 0);
  box.write("prft", 4, "latin1");
  box.writeUInt8(VERSION, 8);
  box.writeUIntBE(AT_ENCODER_INPUT, 9, 3);
  box.writeUInt32BE(trackId, 12);
  box.writeBigUInt64BE(ntpTime(wallMs), 16);
  box.writeBigInt64BE(BigInt(mediaTime), 24);
  return box;
}

/** 32 bits of seconds and 32 bits of their fractions (RFC 5905 §6). */
function ntpTime(wallMs: number): bigint {
  const seconds = Math.floor(wallMs / 1000);
  const fraction = Math.floor(((wallMs - seconds * 1000) / 1000) * 2 ** 32);
  return (BigInt(seconds + NTP_EPOCH_SECONDS) << 32n) | BigInt(fraction);
}
