import type { SourceEpoch } from "../../server/transcode/source.ts";

/** An epoch in which nothing has come; what a test looks at is in `rest`. */
export function quietEpoch(rest: Partial<SourceEpoch> = {}): SourceEpoch {
  return {
    number: 0,
    kind: "webm",
    tracks: [],
    init: { offset: 0, end: 0 },
    arrivedMs: 0,
    begins: undefined,
    end: undefined,
    firstTime: 0,
    firstKeyTime: 0,
    newestTime: 0,
    longestKeyInterval: 0,
    newestResync: undefined,
    resyncBefore: () => undefined,
    timeAt: () => undefined,
    pictureAfter: () => undefined,
    resyncAfter: () => undefined,
    ...rest,
  };
}
