/** How the tables of the control plane came to be: one step for each change, in order, never edited. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE events (
     id INTEGER PRIMARY KEY,
     json TEXT NOT NULL
   ) STRICT`,
];
