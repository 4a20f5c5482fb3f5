import { describe, expect, test } from "@jest/globals";
import { channelAddresses, recordingAddresses, withQuery } from "../../../web/ui/addresses.ts";

const plain = { origin: "http://host:8080", host: "host:8080", protocol: "http:" };
const secure = { origin: "https://host", host: "host", protocol: "https:" };

describe("addresses to share", () => {
  test("of a channel", () => {
    expect(channelAddresses(plain, "demo")).toEqual({
      watch: "http://host:8080/watch/demo",
      capture: "http://host:8080/capture?channel=demo",
      hls: "http://host:8080/live/demo/master.m3u8",
      dash: "http://host:8080/live/demo/manifest.mpd",
      preview: "http://host:8080/live/demo/preview.jpg",
      events: "http://host:8080/live/demo/events.json",
      reports: "http://host:8080/live/demo/cmcd",
      socket: "ws://host:8080/live/demo/socket",
      frames: "ws://host:8080/live/demo/frames",
      chat: "ws://host:8080/live/demo/chat",
      publishHttp: "http://host:8080/publish/demo",
      publishSocket: "ws://host:8080/publish/demo",
    });
  });

  test("use the secure socket on a secure page", () => {
    expect(channelAddresses(secure, "demo").publishSocket).toBe("wss://host/publish/demo");
  });

  test("of a recording", () => {
    expect(recordingAddresses(plain, "id")).toMatchObject({
      hls: "http://host:8080/recordings/id/master.m3u8",
      source: "http://host:8080/recordings/id/source",
    });
  });

  test("carry the key only when there is one", () => {
    expect(withQuery("ws://host/publish/demo", {})).toBe("ws://host/publish/demo");
    expect(withQuery("ws://host/publish/demo", { key: "a&b" })).toBe("ws://host/publish/demo?key=a%26b");
  });
});

test("what is watched by link has the token as a folder, where players carry it on", () => {
  const token = "abc.DEF-_";
  const addresses = channelAddresses({ origin: "http://h", host: "h", protocol: "http:" }, "demo", token);
  expect(addresses).toMatchObject({
    watch: "http://h/watch/demo?token=abc.DEF-_",
    hls: "http://h/live/demo/~abc.DEF-_/master.m3u8",
    socket: "ws://h/live/demo/~abc.DEF-_/socket",
    publishHttp: "http://h/publish/demo",
  });
});
