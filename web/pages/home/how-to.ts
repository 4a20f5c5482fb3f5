import { channelAddresses } from "../../ui/addresses.ts";
import { copyLine } from "../../ui/copy.ts";
import { make } from "../../ui/dom.ts";

/** Ready-made lines for publishing to one channel and watching it elsewhere. */
export function howTo(channel: string): HTMLElement[] {
  const { watch, hls, dash, publishHttp, publishSocket } = channelAddresses(location, channel);
  const send = `-c:v libx264 -preset veryfast -tune zerolatency -g 30 -c:a libopus -f matroska ${publishHttp}`;
  return [
    group("Watch", [copyLine("Page", watch), copyLine("HLS", hls), copyLine("DASH", dash)]),
    group("Publish from a terminal", [
      copyLine("A file", `ffmpeg -re -i video.mp4 ${send}`),
      copyLine("A test picture", `ffmpeg -re -f lavfi -i testsrc2=s=1280x720:r=30 -f lavfi -i sine ${send}`),
      copyLine("A WebM as it is", `curl -T video.webm ${publishHttp}`),
      copyLine("Your own program", publishSocket),
    ]),
  ];
}

function group(title: string, lines: readonly HTMLElement[]): HTMLElement {
  return make("div", { class: "how-group" }, make("h3", {}, title), ...lines);
}
