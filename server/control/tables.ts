/** How the tables of the control plane came to be: one step for each change, in order, never edited. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE events (
     id INTEGER PRIMARY KEY,
     json TEXT NOT NULL
   ) STRICT`,
  `CREATE TABLE channels (
     name TEXT PRIMARY KEY,
     json TEXT NOT NULL
   ) STRICT;
   CREATE TABLE stream_keys (
     id TEXT PRIMARY KEY,
     channel TEXT NOT NULL REFERENCES channels (name) ON DELETE CASCADE,
     label TEXT NOT NULL,
     hash TEXT NOT NULL UNIQUE,
     created_at TEXT NOT NULL,
     used_at TEXT
   ) STRICT;
   CREATE INDEX stream_keys_of_channel ON stream_keys (channel);
   CREATE TABLE secrets (
     name TEXT PRIMARY KEY,
     value TEXT NOT NULL
   ) STRICT`,
  `CREATE TABLE hooks (
     id TEXT PRIMARY KEY,
     url TEXT NOT NULL,
     secret TEXT NOT NULL,
     types TEXT NOT NULL,
     created_at TEXT NOT NULL
   ) STRICT;
   CREATE TABLE hook_deliveries (
     hook TEXT NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
     event INTEGER NOT NULL,
     json TEXT NOT NULL,
     PRIMARY KEY (hook, event)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE chats (
     channel TEXT PRIMARY KEY,
     json TEXT NOT NULL
   ) STRICT;
   CREATE TABLE chat_bans (
     id TEXT PRIMARY KEY,
     channel TEXT NOT NULL,
     hash TEXT NOT NULL,
     address TEXT NOT NULL,
     name TEXT NOT NULL,
     at TEXT NOT NULL,
     UNIQUE (channel, hash)
   ) STRICT`,
  `CREATE TABLE link_generations (
     channel TEXT PRIMARY KEY,
     generation INTEGER NOT NULL
   ) STRICT`,
];
