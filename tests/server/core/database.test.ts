import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { z } from "zod";
import { Database } from "../../../server/core/database.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

const row = z.object({ name: z.string(), size: z.number() });
const FIRST = "CREATE TABLE things (name TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT";
const SECOND = "INSERT INTO things VALUES ('made by the second', 2)";

test("what is written is there after a restart, and each migration runs once", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "x.db");
  {
    await using db = new Database(path, [FIRST]);
    expect(db.run("INSERT INTO things VALUES (?, ?)", "a", 1)).toBe(1);
  }
  for (const _ of [1, 2]) {
    await using db = new Database(path, [FIRST, SECOND]);
    expect(db.all(row, "SELECT * FROM things ORDER BY size")).toEqual([
      { name: "a", size: 1 },
      { name: "made by the second", size: 2 },
    ]);
    expect(db.get(row, "SELECT * FROM things WHERE name = ?", "nobody")).toBeUndefined();
  }
  expect((await stat(path)).mode & 0o077).toBe(0);
});

test("changes that belong together are made together or not at all", async () => {
  await using folder = await tempFolder();
  await using db = new Database(join(folder.path, "x.db"), [FIRST]);
  const two = () => {
    db.run("INSERT INTO things VALUES ('a', 1)");
    db.run("INSERT INTO things VALUES ('a', 2)");
  };
  expect(() => db.together(two)).toThrow(/UNIQUE/);
  expect(db.all(row, "SELECT * FROM things")).toEqual([]);
});

test("a file of a newer version, and one that is no database, are refused in words", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "x.db");
  {
    await using _ = new Database(path, [FIRST, SECOND]);
  }
  expect(() => new Database(path, [FIRST])).toThrow(/newer version of Millrace \(2, this one knows 1\)/);
  expect(() => new Database(import.meta.filename, [FIRST])).toThrow(/not a database/);
});
