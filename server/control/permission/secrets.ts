import { z } from "zod";
import type { Database } from "../../core/database.ts";
import { Secret } from "../../core/secret.ts";
import { hashOfToken, isToken, newToken } from "../../core/token.ts";

const row = z.object({ value: z.string() });

/** What the server itself signs with; made at the first start. */
export function signingSecret(db: Database): Secret {
  const value = stored(db, "signing") ?? store(db, "signing", newToken().reveal());
  return new Secret(value);
}

/** Says whether somebody knows the operator's token. */
export interface AdminToken {
  knows(shown: string): boolean;
  /** Made just now, to be shown once; undefined when there was one. */
  readonly made: Secret | undefined;
}

/** The operator's token: that of the settings, else the one that was made at the first start, which only a hash is kept of. */
export function adminToken(db: Database, given: Secret | undefined): AdminToken {
  if (given !== undefined) return { knows: (shown) => given.equals(shown), made: undefined };
  const known = stored(db, "admin");
  if (known !== undefined) return { knows: (shown) => isToken(new Secret(shown), known), made: undefined };
  const made = newToken();
  store(db, "admin", hashOfToken(made));
  return { knows: (shown) => made.equals(shown), made };
}

function stored(db: Database, name: string): string | undefined {
  return db.get(row, "SELECT value FROM secrets WHERE name = ?", name)?.value;
}

function store(db: Database, name: string, value: string): string {
  db.run("INSERT INTO secrets VALUES (?, ?)", name, value);
  return value;
}
