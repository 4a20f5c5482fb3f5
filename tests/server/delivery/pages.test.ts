import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import { expect, test } from "@jest/globals";
import Fastify from "fastify";
import { liveRoutes } from "../../../server/delivery/live-routes.ts";
import { pages } from "../../../server/delivery/pages.ts";
import { installProblems, problemOptions } from "../../../server/delivery/problems.ts";
import { LiveStore } from "../../../server/packaging/live-store.ts";
import { lettingAllIn } from "../../helpers/admission.ts";
import { ask, trickyPaths } from "../../helpers/raw-http.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

test("pages are protected, media is open to other sites, and no path leads out of the pages' folder", async () => {
  await using folder = await tempFolder();
  const root = join(folder.path, "web");
  for (const page of ["home", "capture", "recordings", "watch"]) {
    mkdirSync(join(root, "pages", page), { recursive: true });
    writeFileSync(join(root, "pages", page, "index.html"), `<title>${page}</title>`);
  }
  mkdirSync(join(root, "assets"));
  writeFileSync(join(root, "assets/app.js"), "run();");
  writeFileSync(join(folder.path, "secret.txt"), "canary");
  const app = Fastify({ ...problemOptions, forceCloseConnections: true });
  installProblems(app);
  await app.register(fastifyStatic, { root: folder.path, serve: false });
  await app.register(pages, { root });
  const store = new LiveStore();
  await app.register(liveRoutes, { store, admission: lettingAllIn() });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  try {
    for (const path of ["/", "/capture", "/recordings?channel=cam", "/watch/cam", "/assets/app.js"]) {
      const { status, headers } = await ask(url, path);
      expect([path, status]).toEqual([path, 200]);
      expect(headers["content-security-policy"]).toContain("default-src 'self'");
      expect(headers["content-security-policy"]).not.toContain("unsafe");
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
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
