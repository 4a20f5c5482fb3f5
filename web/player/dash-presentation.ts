/**
 * Tells the manifests of one live presentation from those of the next one below the same address: the availability
 * start time never changes while a presentation lives (ISO/IEC 23009-1), and a finished one has none.
 */
export function presentationGuard(): (text: string) => boolean {
  let first: string | undefined;
  return (text) => {
    const start = /<MPD\b[^>]*\bavailabilityStartTime="([^"]*)"/.exec(text)?.[1];
    if (start === undefined) return true;
    first ??= start;
    return start === first;
  };
}

/**
 * The delay that a live manifest asks its players to keep, in seconds: that of low latency where it names one, else
 * what suits whole segments. It changes when a publisher's next container lets segments be had early, or no more.
 * Undefined for everything else.
 */
export function askedDelay(text: string): number | undefined {
  const milliseconds = /<Latency\b[^>]*\btarget="(\d+)"/.exec(text)?.[1];
  if (milliseconds !== undefined) return Number(milliseconds) / 1000;
  const seconds = /<MPD\b[^>]*\bsuggestedPresentationDelay="PT([\d.]+)S"/.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}
