const CLOCK = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,3})?)$/;

/** A place in a recording as people write it, `83`, `1:23.4` or `1:02:03`, in ms; undefined when it is none. */
export function parseClockTime(text: string): number | undefined {
  const [isTime, hours = "0", minutes = "0", seconds = "0"] = CLOCK.exec(text.trim()) ?? [];
  if (isTime === undefined) return undefined;
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(",", "."))) * 1000);
}

/** The same the other way round, to a tenth of a second: `1:23.4`. */
export function formatClockTime(ms: number): string {
  const tenths = Math.round(ms / 100);
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(tenths / 36_000);
  const minutes = Math.floor(tenths / 600) % 60;
  const seconds = `${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}
