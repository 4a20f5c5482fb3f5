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
