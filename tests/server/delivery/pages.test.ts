import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import { expect, test } from "@jest/globals";
import Fastify from "fastify";
import { liveRoutes } from "../../../server/delivery/live-routes.ts";
import { pages, sendMissingPage } from "../../../server/delivery/pages.ts";
import { installProblems, problemOptions } from "../../../server/delivery/problems.ts";
import { LiveStore } from "../../../server/packaging/live-store.ts";
import { lettingAllIn } from "../../helpers/admission.ts";
import { ask, trickyPaths } from "../../helpers/raw-http.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

test("pages are protected, media is open to other sites, and no path leads out of the pages' folder", async () => {
  await using folder = await tempFolder();
  const root = join(folder.path, "web");
  for (const page of ["home", "capture", "recordings", "studio", "watch", "missing"]) {
    mkdirSync(join(root, "pages", page), { recursive: true });
    writeFileSync(join(root, "pages", page, "index.html"), `<head><title>${page}</title></head>`);
  }
  mkdirSync(join(root, "assets"));
  writeFileSync(join(root, "assets/app.js"), "run();");
  writeFileSync(join(folder.path, "secret.txt"), "canary");
  const app = Fastify({ ...problemOptions, forceCloseConnections: true });
  installProblems(app, (reply) => sendMissingPage(reply, root));
  await app.register(fastifyStatic, { root: folder.path, serve: false });
  await app.register(pages, {
    root,
    publicUrl: "https://video.example.org",
    aboutChannel: (name) => (name === "cam" ? { title: `Cam "<b>"`, description: "words" } : undefined),
    aboutRecording: async () => undefined,
  });
  const store = new LiveStore();
  await app.register(liveRoutes, { store, admission: lettingAllIn() });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  try {
    for (const path of [
      "/",
      "/capture",
      "/recordings?channel=cam",
      "/studio",
      "/studio/cam",
      "/watch/cam",
      "/assets/app.js",
    ]) {
      const { status, headers } = await ask(url, path);
      expect([path, status]).toEqual([path, 200]);
      expect(headers["content-security-policy"]).toContain("default-src 'self'");
      expect(headers["content-security-policy"]).not.toContain("unsafe");
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
    // A player in a frame of anybody's page, and nothing else of ours.
    const framed = await ask(url, "/embed/cam");
    expect(framed.headers["content-security-policy"]).toContain("frame-ancestors *");
    expect(framed.headers).not.toHaveProperty("x-frame-options");
    expect((await ask(url, "/watch/cam")).headers["content-security-policy"]).toContain("frame-ancestors 'self'");

    // What is shared says what it is, in words that cannot become anything else.
    const shared = String((await ask(url, "/watch/cam")).body);
    expect(shared).toContain(`<meta property="og:title" content="Cam &#34;&#60;b&#62;&#34;" />`);
    expect(shared).toContain(`content="https://video.example.org/live/cam/preview.jpg"`);
    expect(String((await ask(url, "/watch/other")).body)).not.toContain("og:");
    const asked = encodeURIComponent("https://video.example.org/watch/cam");
    const answer = JSON.parse(String((await ask(url, `/oembed?url=${asked}&maxwidth=320`)).body));
    expect(answer).toMatchObject({ version: "1.0", type: "video", width: 320, height: 180, title: `Cam "<b>"` });
    expect(answer.html).toContain(`<iframe src="https://video.example.org/embed/cam" width="320" height="180"`);
    expect((await ask(url, `/oembed?url=${encodeURIComponent("https://video.example.org/watch/other")}`)).status).toBe(
      404,
    );

    // Who navigates into nothing gets a page, a program words.
    const lost = await fetch(`${url}/nowhere`, { headers: { accept: "text/html" } });
    expect([lost.status, await lost.text()]).toEqual([404, expect.stringContaining("<title>missing</title>")]);
    expect(await (await fetch(`${url}/nowhere`)).json()).toMatchObject({ status: 404 });

    const media = await ask(url, "/live/cam/master.m3u8");
    expect(media.headers["access-control-allow-origin"]).toBe("*");
    expect(media.headers).not.toHaveProperty("content-security-policy");
    expect(media.headers).not.toHaveProperty("cross-origin-resource-policy");
    const secrets = ["/assets/..%2f..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/assets/../../secret.txt"];
    for (const path of [...trickyPaths("/assets"), ...secrets]) {
      const { body } = await ask(url, path);
      expect(String(body)).not.toMatch(/canary|root:/);
    }
  } finally {
    await app.close();
    store[Symbol.dispose]();
  }
});
