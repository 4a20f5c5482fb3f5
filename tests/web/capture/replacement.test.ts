import { describe, expect, test } from "@jest/globals";
import { hasStandIn, replaceLost } from "../../../web/capture/replacement.ts";
import { browserGlobals } from "../../helpers/browser-globals.ts";
import { FakeDevices, FakeStream, FakeTrack, fakeSource } from "../../helpers/fake-devices.ts";
import { oneForEach } from "../../helpers/lifetime.ts";

const request = { cameraId: "", microphoneId: "", width: 640, height: 360, fps: 30, audio: true };

let devices: FakeDevices;
oneForEach(() => {
  devices = new FakeDevices();
  return browserGlobals({ MediaStream: FakeStream, navigator: { mediaDevices: devices }, isSecureContext: true });
});

describe("in the place of a camera that went away comes", () => {
  test("the same one, if it can be opened again; the microphone goes on", async () => {
    const [camera, microphone] = [new FakeTrack("video", "camera-1"), new FakeTrack("audio", "microphone-1")];
    const source = fakeSource(camera, microphone);
    camera.unplug();
    const next = await replaceLost(source, "camera", request);
    expect([next.sound, next.picture.track]).toEqual([source.sound, devices.opened[0]]);
    expect([devices.asked, microphone.readyState]).toEqual([["camera-1"], "live"]);
    expect(next.notes).toEqual(["The camera was away for a moment."]);
    expect(hasStandIn(next)).toBe(false);
  });

  test("another one, if there is one", async () => {
    const camera = new FakeTrack("video", "camera-2");
    const source = fakeSource(camera);
    camera.unplug();
    const next = await replaceLost(source, "camera", request);
    expect(devices.asked).toEqual(["camera-2", "any"]);
    expect(next.picture.track.getSettings().deviceId).toBe("camera-1");
    expect(next.notes).toEqual([expect.stringMatching(/another one/)]);
  });
});

test("in the place of a microphone that went away comes another one; the camera goes on", async () => {
  const microphone = new FakeTrack("audio", "microphone-2");
  const source = fakeSource(new FakeTrack("video", "camera-1"), microphone);
  microphone.unplug();
  const next = await replaceLost(source, "camera", request);
  expect(next.picture).toBe(source.picture);
  expect(devices.asked).toEqual(["microphone-2", "any"]);
  expect(next.notes).toEqual([expect.stringMatching(/microphone.*another one/)]);
});

test("what still runs stays, and nothing is opened", async () => {
  const source = fakeSource(new FakeTrack("video", "camera-1"), new FakeTrack("audio", "microphone-1"));
  const next = await replaceLost(source, "camera", request);
  expect([next.picture, next.sound, next.notes]).toEqual([source.picture, source.sound, []]);
  expect(devices.asked).toEqual([]);
});

test("a stand-in stays as long as there is no device, and goes with the first that comes", async () => {
  let isClosed = false;
  const track = new FakeTrack("video", "") as unknown as MediaStreamTrack;
  const standIn = {
    track,
    isStandIn: true,
    close: () => {
      isClosed = true;
    },
  };
  const source = { ...fakeSource(new FakeTrack("video", "gone")), picture: standIn };
  devices.cameras.clear();
  const still = await replaceLost(source, "camera", { ...request, cameraId: "camera-1" });
  expect([still.picture, isClosed, hasStandIn(still)]).toEqual([standIn, false, true]);

  devices.cameras.add("camera-3");
  const next = await replaceLost(still, "camera", { ...request, cameraId: "camera-1" });
  expect([next.picture.track, isClosed, hasStandIn(next)]).toEqual([devices.opened[0], true, false]);
});
