import { describe, expect, test } from "@jest/globals";
import { channel, problem } from "../../../../server/protocol/api.ts";
import { madeChannel, shownKey, streamKeyList, watchLink } from "../../../../server/protocol/channels.ts";
import { startTestApp } from "../../../helpers/app.ts";
import { Chatter } from "../../../helpers/chatter.ts";
import { clips } from "../../../helpers/clips.ts";
import { eventually } from "../../../helpers/eventually.ts";
import { oneForAll } from "../../../helpers/lifetime.ts";
import { liveOn } from "../../../helpers/millrace.ts";
import { Operator } from "../../../helpers/operator.ts";
import { publishHttp, SocketPublisher } from "../../../helpers/publish.ts";

const clip = clips["H.264 and Opus in Matroska"](4);
const TOKEN = "operator";
const app = oneForAll(() =>
  startTestApp({ MILLRACE_PUBLISH: "keys", MILLRACE_ADMIN_TOKEN: TOKEN, MILLRACE_RECORD: "on" }),
);
const operator = () => new Operator(app().url, TOKEN);
const nobody = () => new Operator(app().url);

async function keyOf(name: string): Promise<{ id: string; key: string }> {
  const made = await operator().ask("POST", `/channels/${name}/keys`, { label: "camera" });
  expect(made.status).toBe(201);
  return shownKey.parse(made.body);
}

test("a channel is made, changed, found again after a restart, and deleted", async () => {
  const made = await operator().ask("POST", "/channels", { name: "show", title: " The show ", ladder: "ORIGINAL" });
  expect(made.status).toBe(201);
  expect(madeChannel.strict().parse(made.body)).toMatchObject({ name: "show", title: "The show", watch: "open" });
  expect((await operator().ask("POST", "/channels", { name: "show" })).status).toBe(409);
  expect((await operator().ask("PATCH", "/channels/show", { description: "words", record: false })).status).toBe(200);
  await app().stop();
  await app().start();
  const settings = (await operator().ask("GET", "/channels/show/settings")).body;
  expect(settings).toMatchObject({ title: "The show", description: "words", record: false, ladder: "ORIGINAL" });
  expect(channel.parse((await nobody().ask("GET", "/channels/show")).body)).toMatchObject({
    title: "The show",
    live: false,
  });
  expect((await operator().ask("DELETE", "/channels/show")).status).toBe(204);
  expect((await operator().ask("GET", "/channels/show/settings")).status).toBe(404);
  expect((await operator().ask("DELETE", "/channels/show")).status).toBe(404);
});

test.each([
  [{ name: "a b" }, /letters/],
  [{ name: "x", ladder: "1x1" }, /width must be from 16/],
  [{ name: "x", titel: "typo" }, /titel/],
  [{ name: "x", watch: "never" }, /watch/],
])("a channel of %j is refused in words", async (body, words) => {
  const { status, body: answer } = await operator().ask("POST", "/channels", body);
  expect([status, problem.parse(answer).detail]).toEqual([400, expect.stringMatching(words)]);
});

test("nobody but the operator makes, changes or sees anything of it", async () => {
  for (const [method, path] of [
    ["POST", "/channels"],
    ["GET", "/channels/show/settings"],
    ["PATCH", "/channels/show"],
    ["DELETE", "/channels/show"],
    ["GET", "/channels/show/keys"],
    ["POST", "/channels/show/keys"],
    ["POST", "/channels/show/links"],
  ] as const) {
    expect((await nobody().ask(method, path, method === "GET" ? undefined : {})).status).toBe(401);
  }
});

test("a key lets its holder publish this channel and no other, and no key nobody", async () => {
  for (const name of ["one", "two"]) expect((await operator().ask("POST", "/channels", { name })).status).toBe(201);
  const { id, key } = await keyOf("one");
  expect((await publishHttp(app().url, "one", clip)).status).toBe(401);
  expect((await publishHttp(app().url, "one?key=wrong", clip)).status).toBe(401);
  expect((await publishHttp(app().url, `two?key=${key}`, clip)).status).toBe(401);
  expect((await publishHttp(app().url, `one?key=${key}`, clip)).status).toBe(201);
  const [listed] = streamKeyList.strict().parse((await operator().ask("GET", "/channels/one/keys")).body).items;
  expect(listed).toMatchObject({ id, label: "camera", usedAt: expect.any(String) });
  expect(JSON.stringify(listed)).not.toContain(key);
});

test("whoever publishes with a key that is rotated or revoked is stopped at once", async () => {
  await operator().ask("POST", "/channels", { name: "stage" });
  let { id, key } = await keyOf("stage");
  for (const end of ["rotate", "revoke"] as const) {
    const publisher = await SocketPublisher.connect(app().url, `stage?key=${key}`);
    await publisher.send(clip);
    await eventually("it is live", async () => (await liveOn(app().url, "stage")) !== null);
    const path = `/channels/stage/keys/${id}`;
    const answer =
      end === "rotate" ? await operator().ask("POST", `${path}/rotate`) : await operator().ask("DELETE", path);
    expect((await publisher.ended).texts).toEqual(["ERROR: the key was revoked"]);
    expect((await publishHttp(app().url, `stage?key=${key}`, clip)).status).toBe(401);
    if (end === "rotate") ({ id, key } = shownKey.parse(answer.body));
  }
  expect(streamKeyList.parse((await operator().ask("GET", "/channels/stage/keys")).body).items).toEqual([]);
});

test("with a key guessed too often even the right one has to wait, on this channel only", async () => {
  for (const name of ["guessed", "calm"]) await operator().ask("POST", "/channels", { name });
  const [guessed, calm] = [await keyOf("guessed"), await keyOf("calm")];
  for (let count = 0; count < 10; count++) {
    expect((await publishHttp(app().url, `guessed?key=${count}`, clip)).status).toBe(401);
  }
  expect((await publishHttp(app().url, `guessed?key=${guessed.key}`, clip)).status).toBe(429);
  expect((await publishHttp(app().url, `calm?key=${calm.key}`, clip)).status).toBe(201);
});

test("a channel that is watched by link shows nothing without, and everything below the link", async () => {
  await operator().ask("POST", "/channels", { name: "closed", watch: "link" });
  const { key } = await keyOf("closed");
  const { body } = await publishHttp(app().url, `closed?key=${key}`, clip);
  const { id } = body as { id: string };
  const { token } = watchLink.parse((await operator().ask("POST", "/channels/closed/links", {})).body);
  const status = async (path: string) => (await fetch(`${app().url}${path}`, { redirect: "manual" })).status;
  for (const place of ["/live/closed", `/recordings/${id}`]) {
    for (const file of ["master.m3u8", "manifest.mpd", "preview.jpg"]) {
      expect([place, file, await status(`${place}/${file}`)]).toEqual([place, file, 401]);
    }
    expect(await status(`${place}/master.m3u8?token=${token}`)).toBe(302);
    await eventually("it is there", async () => (await status(`${place}/~${token}/manifest.mpd`)) === 200);
    expect(await status(`${place}/~x${token}/manifest.mpd`)).toBe(401);
  }
  // As any player goes on from there: nothing that it is led to needs more than the link.
  const first = async (from: string, line: RegExp) => {
    let found: URL | undefined;
    // A machine that is busy with everything else may take nobody new for a moment.
    await eventually(`${from} is answered`, async () => {
      const response = await fetch(from);
      const [, uri] = line.exec(await response.text()) ?? [];
      if (response.ok && uri !== undefined) found = new URL(uri, response.url);
      return found !== undefined;
    });
    return found ?? new URL(from);
  };
  const playlist = await first(`${app().url}/live/closed/master.m3u8?token=${token}`, /^([^#].*)$/m);
  const init = await first(playlist.href, /EXT-X-MAP:URI="([^"]+)"/);
  expect(init.pathname).toContain(`/live/closed/~${token}/${id}/`);
  expect(await status(init.pathname)).toBe(200);
  expect(await status(init.pathname.replace(`/~${token}`, ""))).toBe(401);
});

describe("links", () => {
  const link = async (name: string) =>
    watchLink.parse((await operator().ask("POST", `/channels/${name}/links`, {})).body).token;
  const refusal = async (name: string, token: string) =>
    channel.parse((await nobody().ask("GET", `/channels/${name}?token=${token}`)).body).refusal;
  const withdrawn = expect.stringContaining("has been withdrawn");

  test("are withdrawn for good: who watches with one is let go, and no other start or channel brings them back", async () => {
    await operator().ask("POST", "/channels", { name: "guests", watch: "link" });
    const before = await link("guests");
    const guest = await Chatter.join(app().url, `guests/~${before}`);
    expect(await refusal("guests", before)).toBeNull();
    expect((await operator().ask("DELETE", "/channels/guests/links")).status).toBe(204);
    expect(await guest.ended).toEqual({ code: 4403, reason: withdrawn });
    expect((await fetch(`${app().url}/live/guests/~${before}/master.m3u8`)).status).toBe(401);
    const after = await link("guests");
    await (await Chatter.join(app().url, `guests/~${after}`)).leave();
    await app().stop();
    await app().start();
    expect([await refusal("guests", before), await refusal("guests", after)]).toEqual([withdrawn, null]);
    await operator().ask("DELETE", "/channels/guests");
    await operator().ask("POST", "/channels", { name: "guests", watch: "link" });
    expect(await refusal("guests", after)).toEqual(withdrawn);
    expect((await operator().ask("DELETE", "/channels/nobodys/links")).status).toBe(404);
    expect((await nobody().ask("DELETE", "/channels/guests/links")).status).toBe(401);
  });

  test("are needed at once where a channel is watched by link only from now on", async () => {
    await operator().ask("POST", "/channels", { name: "party" });
    const token = await link("party");
    const stranger = await Chatter.join(app().url, "party");
    const guest = await Chatter.join(app().url, `party/~${token}`);
    await operator().ask("PATCH", "/channels/party", { title: "Party" });
    await operator().ask("PATCH", "/channels/party", { watch: "link" });
    expect(await stranger.ended).toMatchObject({
      code: 4403,
      reason: expect.stringContaining("a link that its owner"),
    });
    await guest.asks({ type: "name", name: "Guest" }, "named");
    await guest.leave();
  });
});

test("the document of the API names every route that it has, and there is a page to try it", async () => {
  const document = await (await fetch(`${app().url}/openapi.json`)).json();
  const paths = Object.keys((document as { paths: object }).paths);
  expect(paths).toEqual(
    expect.arrayContaining([
      "/api/v1/channels",
      "/api/v1/channels/{channel}/keys",
      "/api/v1/events",
      "/api/v1/sources",
    ]),
  );
  const page = await fetch(`${app().url}/docs/`);
  expect([page.status, page.headers.get("content-type")]).toEqual([200, expect.stringContaining("text/html")]);
  // Over plain HTTP its scripts come so, too.
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
  expect(page.headers.get("content-security-policy")).not.toContain("upgrade-insecure-requests");
});
