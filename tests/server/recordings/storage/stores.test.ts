import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Secret } from "../../../../server/core/secret.ts";
import { openStore } from "../../../../server/recordings/storage/open-store.ts";
import { collect, noise } from "../../../helpers/bytes.ts";
import { startDav, startFolder, startS3 } from "../../../helpers/stores.ts";
import { tempFolder } from "../../../helpers/temp-folder.ts";

const { signal } = new AbortController();
const file = (path: string) => ({ path, type: "video/mp4", cache: "no-cache" });
const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe.each([
  ["a folder", startFolder],
  ["a web server", startDav],
  ["S3", startS3],
] as const)("%s", (kind, start) => {
  test("keeps files as they are, gives them and ranges of them out, and deletes them", async () => {
    await using folder = await tempFolder();
    await using files = await tempFolder();
    await using running = await start(folder.path);
    const store = openStore(running.settings, 5 * 1024 * 1024);
    const small = noise(10_000);
    // In S3 it goes in parts.
    const large = noise(11 * 1024 * 1024);
    for (const [name, bytes] of [
      ["small", small],
      ["large", large],
    ] as const) {
      const path = join(files.path, name);
      await writeFile(path, bytes);
      await store.put(`cam/0190/${name} file.mp4`, file(path), signal);
      const got = await store.get(`cam/0190/${name} file.mp4`, undefined, signal);
      if (got === undefined) throw new Error("it is not there");
      expect([got.status, got.bytes]).toEqual([200, bytes.byteLength]);
      expect(sha(await collect(got.body))).toBe(sha(bytes));
    }
    const part = await store.get("cam/0190/small file.mp4", "bytes=100-199", signal);
    if (part === undefined) throw new Error("it is not there");
    const bytes = await collect(part.body);
    // A server may answer with the whole.
    if (part.status === 206) {
      expect(part).toMatchObject({ bytes: 100, range: "bytes 100-199/10000" });
      expect(bytes.equals(small.subarray(100, 200))).toBe(true);
    } else expect([kind, bytes.byteLength]).toEqual(["a web server", 10_000]);

    await writeFile(join(files.path, "small"), "other");
    await store.put("cam/0190/small file.mp4", file(join(files.path, "small")), signal);
    const other = await store.get("cam/0190/small file.mp4", undefined, signal);
    expect(other && String(await collect(other.body))).toBe("other");
    for (let count = 0; count < 2; count++) await store.delete("cam/0190/small file.mp4", signal);
    expect(await store.get("cam/0190/small file.mp4", undefined, signal)).toBeUndefined();
  });
});

test("who is not let in is told so, and need not try again", async () => {
  await using folder = await tempFolder();
  await writeFile(join(folder.path, "file"), "bytes");
  await using s3 = await startS3(join(folder.path, "s3"));
  await using dav = await startDav(join(folder.path, "dav"));
  const wrong = new Secret("wrong");
  for (const settings of [
    { ...s3.settings, s3: { ...s3.settings.s3, keyId: "nobody" } },
    { ...dav.settings, authorization: wrong },
  ]) {
    const put = openStore(settings).put("key", file(join(folder.path, "file")), signal);
    await expect(put).rejects.toMatchObject({ name: "StoreError", mayPass: false });
  }
});

test("no key leads out of a folder", async () => {
  await using folder = await tempFolder();
  const running = await startFolder(folder.path);
  const store = openStore(running.settings);
  for (const key of ["../x", "a/../../x", ""]) {
    await expect(store.delete(key, signal)).rejects.toMatchObject({ name: "StoreError" });
  }
});
