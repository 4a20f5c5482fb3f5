import { ID } from "../../server/media/matroska-ids.ts";
import { clusterBody, ebmlHeader, element, openElement, simpleBlock, tracks } from "./media-ebml.ts";

/** What comes before the first cluster: init bytes of a VP8 picture and Opus sound. */
export function tinyHeader(docType = "webm"): Buffer {
  return Buffer.concat([ebmlHeader(docType), openElement(ID.segment, tracks())]);
}

/** A cluster that begins with a key frame at `seconds`, with another frame and a sound behind it. */
export function tinyCluster(seconds: number): Buffer {
  const blocks = [simpleBlock(1, 0, true), simpleBlock(2, 10, true), simpleBlock(1, 33, false)];
  return element(ID.cluster, clusterBody(seconds * 1000, ...blocks));
}

/** A stream of under a kilobyte that is complete in every respect but the codecs' own bytes. */
export function tinyWebm(clusters = 3, docType = "webm"): Buffer {
  return Buffer.concat([
    tinyHeader(docType),
    ...Array.from({ length: clusters }, (_, index) => tinyCluster(index + 1)),
  ]);
}
