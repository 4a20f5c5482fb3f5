/** A size in pixels, both sides even. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Filters that make one size of every picture, whatever comes: what has another shape gets bars. */
export function sizeFilters({ width, height }: PictureSize): string[] {
  const w = fitted(`iw*sar*${height}/ih`, width);
  const h = fitted(`ih*${width}/(iw*sar)`, height);
  // An odd side gets a line more instead of being stretched by it.
  const isOwn = `eq(sar,1)*between(iw,${width - 1},${width})*between(ih,${height - 1},${height})`;
  const scale = `scale=w='if(${isOwn},iw,${w})':h='if(${isOwn},ih,${h})'`;
  return [scale, `pad=w=${width}:h=${height}:x=(ow-iw)/2:y=(oh-ih)/2`, "setsar=1"];
}

/** A side that is off by rounding is stretched; otherwise it is what the other one leaves it, if that is less. */
function fitted(proportional: string, side: number): string {
  return `if(lte(abs(${proportional}-${side}),2),${side},max(2,min(${side},trunc(${proportional}/2)*2)))`;
}
