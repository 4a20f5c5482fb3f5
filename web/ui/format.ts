const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** Bytes for people, in steps of 1000: `512 B`, `1.5 MB`. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 ? Math.round(value) : trim(value)} ${BYTE_UNITS[step]}`;
}

/** Bits per second for people: `800 kbit/s`, `2.5 Mbit/s`. */
export function formatBitRate(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e6) return `${trim(bitsPerSecond / 1e6)} Mbit/s`;
  return `${Math.round(bitsPerSecond / 1e3)} kbit/s`;
}

/** A length of time as a clock shows it: `0:05`, `12:34`, `1:02:03`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

/** A viewer's delay: `240 ms`, `1.4 s`, `12 s`. Below a second to 10 ms: what is finer changes faster than one reads. */
export function formatDelay(seconds: number): string {
  if (seconds < 0.995) return `${Math.round(Math.max(0, seconds) * 100) * 10} ms`;
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** A date and time in the reader's own manner. */
export function formatWhen(iso: string, locale?: string): string {
  return new Date(iso).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
}

function trim(value: number): string {
  return value >= 99.95 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, "");
}
