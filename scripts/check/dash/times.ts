/** Seconds of an xs:duration such as PT2.5S or P1DT2H; undefined of any other text. Years and months are refused. */
export function readDuration(text: string | undefined): number | undefined {
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text?.trim() ?? "");
  if (found === null || text?.trim() === "P") return undefined;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = found;
  return Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}

/** Unix time in ms of an xs:dateTime; without a zone it is UTC (ISO/IEC 23009-1 §5.3.1.2). */
export function readDate(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? "";
  const time = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(trimmed) ? trimmed : `${trimmed}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** A whole number, not negative. */
export function readCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

/** A decimal number; INF is infinity. */
export function readDecimal(text: string | undefined): number | undefined {
  if (text?.trim() === "INF") return Number.POSITIVE_INFINITY;
  const value = Number(text?.trim() || Number.NaN);
  return Number.isNaN(value) ? undefined : value;
}
