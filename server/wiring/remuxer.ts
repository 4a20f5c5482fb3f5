import { dirname } from "node:path";
import { readArrivals } from "../broadcast/log/arrivals.ts";
import type { Remux } from "../recordings/recorder.ts";
import { joinContainers } from "../transcode/join.ts";
import { remux } from "../transcode/remux.ts";
import { remuxImages } from "../transcode/remux-images.ts";

/** Makes of an archive what can be sought in, whatever it holds: images need the times that lie beside them. */
export function remuxer(binary: string): Remux {
  return async ({ container, containers, ...job }, signal) => {
    if (container === "frames") {
      const isMixed = containers.length > 1;
      if (isMixed) throw new Error("the publisher changed the kind or size of its images, and one file holds but one");
      return remuxImages(binary, { ...job, arrivals: readArrivals(dirname(job.from)) }, signal);
    }
    const streams = containers.flatMap(({ kind, ...where }) => (kind === "frames" ? [] : { kind, ...where }));
    if (streams.length > 1) return joinContainers(binary, { ...job, container, containers: streams }, signal);
    return remux(binary, { ...job, container }, signal);
  };
}
