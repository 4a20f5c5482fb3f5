import { FOREVER, FRESH } from "../core/http-headers.ts";

const TYPES: Readonly<Record<string, string>> = {
  m3u8: "application/vnd.apple.mpegurl",
  mpd: "application/dash+xml",
  mp4: "video/mp4",
  m4s: "video/mp4",
  webm: "video/webm",
  mkv: "video/x-matroska",
  flv: "video/x-flv",
  jpg: "image/jpeg",
  json: "application/json",
  vtt: "text/vtt; charset=utf-8",
};

/** The Content-Type of a recording's file: that of live media, which knows sound from picture. */
export function typeOf(file: string): string {
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return file.startsWith("audio") ? type.replace("video/mp4", "audio/mp4") : type;
}

/** The content of segments and images in their folders never changes. */
export function isMedia(file: string): boolean {
  return /\/[^/]+\.(mp4|m4s|jpg)$/.test(file);
}

/** The Cache-Control of a recording's file. */
export function cacheOf(file: string): string {
  return isMedia(file) ? FOREVER : FRESH;
}
