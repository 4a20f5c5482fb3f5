/** Matroska CodecIDs (RFC 9559 §5.1.4.1.21, the IETF codec draft) by their whole name or the part before a slash. */
const MATROSKA: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "V_MPEG4/ISO/AVC": "h264",
    "V_MPEGH/ISO/HEVC": "hevc",
    "V_MPEG4/ISO/ASP": "mpeg4",
    V_VP8: "vp8",
    V_VP9: "vp9",
    V_AV1: "av1",
    V_MJPEG: "mjpeg",
    V_THEORA: "theora",
    A_OPUS: "opus",
    A_VORBIS: "vorbis",
    A_AAC: "aac",
    "A_MPEG/L3": "mp3",
    "A_MPEG/L2": "mp2",
    A_FLAC: "flac",
    A_PCM: "pcm",
    A_AC3: "ac3",
    A_EAC3: "eac3",
    A_ALAC: "alac",
    A_DTS: "dts",
  }),
);

/** Sample entry types (mp4ra.org); `mp4a` names a family, see {@link mp4CodecName}. */
const MP4: ReadonlyMap<string, string> = new Map(
  Object.entries({
    avc1: "h264",
    avc3: "h264",
    hvc1: "hevc",
    hev1: "hevc",
    vp08: "vp8",
    vp09: "vp9",
    av01: "av1",
    mp4v: "mpeg4",
    jpeg: "mjpeg",
    Opus: "opus",
    fLaC: "flac",
    "ac-3": "ac3",
    "ec-3": "eac3",
    alac: "alac",
    ipcm: "pcm",
    fpcm: "pcm",
    sowt: "pcm",
    twos: "pcm",
  }),
);

/** Object types of `mp4a` (mp4ra.org); all others are kinds of AAC. */
const MPEG4_AUDIO: Readonly<Record<number, string>> = { 105: "mp3", 107: "mp3", 165: "ac3", 166: "eac3", 173: "opus" };

/** The codec's name in lower case, or the CodecID itself when it is another. */
export function matroskaCodecName(codecId: string): string {
  return MATROSKA.get(codecId) ?? MATROSKA.get(codecId.split("/", 1)[0] ?? "") ?? codecId;
}

/** The codec's name in lower case, or the sample entry's type when it is another; `objectType` is that of its esds. */
export function mp4CodecName(entryType: string, objectType: number | undefined): string {
  if (entryType === "mp4a") return MPEG4_AUDIO[objectType ?? 0x40] ?? "aac";
  return MP4.get(entryType) ?? entryType;
}
