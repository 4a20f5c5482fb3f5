import { describe, expect, test } from "@jest/globals";
import { publishAddresses } from "../../../web/studio/publish-addresses.ts";
import { setup } from "../../helpers/studio.ts";

describe("addresses to publish at", () => {
  const place = { origin: "http://host:8080", host: "host:8080", hostname: "host", protocol: "http:" };
  const of = (...rest: Parameters<typeof publishAddresses> extends [unknown, ...infer R] ? R : never) =>
    Object.fromEntries(publishAddresses(place, ...rest));

  test("need no key where publishing is open", () => {
    expect(of(setup, "cam")).toMatchObject({
      "This browser": "http://host:8080/capture?channel=cam",
      "OBS, server": "rtmp://host:1935/live",
      "OBS, stream key": "cam",
      HTTP: "http://host:8080/publish/cam",
    });
  });

  test("say where a key goes, or have it", () => {
    expect(of({ publish: "keys", rtmpPort: null }, "cam")).toEqual({
      "This browser": "http://host:8080/capture?channel=cam&key=KEY",
      HTTP: "http://host:8080/publish/cam?key=KEY",
      FFmpeg: "ffmpeg -re -i film.mp4 -c copy -f matroska 'http://host:8080/publish/cam?key=KEY'",
      WebSocket: "ws://host:8080/publish/cam?key=KEY",
    });
    expect(of({ publish: "keys", rtmpPort: 1936 }, "cam", "abc")).toMatchObject({
      "OBS, stream key": "cam?key=abc",
      "RTMP, in one": "rtmp://host:1936/live/cam?key=abc",
    });
  });
});
