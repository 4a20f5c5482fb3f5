/** What a file with a known ending holds. */
export interface FileType {
  /** The container, as FFmpeg calls it. */
  readonly format: "mp4" | "matroska" | "flv" | "mpegts" | "avi" | "mpeg" | "ogg" | "mp3" | "flac" | "wav";
  /** Only to be heard: a picture in it is a cover. */
  readonly isSound: boolean;
}

const picture = (format: FileType["format"]): FileType => ({ format, isSound: false });
const sound = (format: FileType["format"]): FileType => ({ format, isSound: true });

const TYPES: ReadonlyMap<string, FileType> = new Map(
  Object.entries({
    mp4: picture("mp4"),
    m4v: picture("mp4"),
    mov: picture("mp4"),
    mkv: picture("matroska"),
    webm: picture("matroska"),
    flv: picture("flv"),
    ts: picture("mpegts"),
    m2ts: picture("mpegts"),
    mts: picture("mpegts"),
    avi: picture("avi"),
    mpg: picture("mpeg"),
    mpeg: picture("mpeg"),
    ogv: picture("ogg"),
    m4a: sound("mp4"),
    mp3: sound("mp3"),
    ogg: sound("ogg"),
    opus: sound("ogg"),
    flac: sound("flac"),
    wav: sound("wav"),
  }),
);

/** The endings of files that can be played. */
export const FILE_ENDINGS: readonly string[] = [...TYPES.keys()];

/** What a file's name says that it holds; undefined for one that cannot be played. */
export function fileTypeOf(path: string): FileType | undefined {
  return TYPES.get(/\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? "");
}
