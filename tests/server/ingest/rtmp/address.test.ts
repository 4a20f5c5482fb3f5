import { expect, test } from "@jest/globals";
import { publishAddress } from "../../../../server/ingest/rtmp/address.ts";

const good = [
  { app: "live", name: "show?key=secret", channel: "show", key: "secret" },
  { app: "live", name: "show", channel: "show", key: undefined },
  { app: "live/", name: "show?other=1&key=a%2Fb", channel: "show", key: "a/b" },
  { app: "live?key=secret", name: "show", channel: "show", key: "secret" },
  { app: "show", name: "secret", channel: "show", key: "secret" },
  { app: "show", name: "", channel: "show", key: undefined },
  { app: "show?key=secret", name: "", channel: "show", key: "secret" },
];

test.each(good)("$app and $name are the channel $channel with the key $key", ({ app, name, channel, key }) => {
  expect(publishAddress(app, name)).toEqual({ channel, key });
});

const bad = [
  { app: "live", name: "" },
  { app: "live", name: "a b" },
  { app: "live", name: "../x" },
  { app: "live", name: "live" },
  { app: "", name: "show" },
  { app: "a/b", name: "key" },
  { app: "show", name: "k".repeat(257) },
];

test.each(bad)("$app and $name are refused with how it is done", ({ app, name }) => {
  expect(() => publishAddress(app, name)).toThrow("rtmp://HOST/live/CHANNEL?key=KEY");
});
