import { dirname, join } from "node:path";
import type { Source } from "./sources.ts";

/** One import or re-export in a file. */
export interface Import {
  readonly file: string;
  /** As it is written: a relative path, `node:…` or a package. */
  readonly specifier: string;
  /** Gone after compilation. */
  readonly isType: boolean;
}

const STAGES: Readonly<Record<string, readonly string[]>> = {
  "server/core": [],
  "server/protocol": [],
  "server/media": ["server/core"],
  "server/ingest": ["server/core", "server/protocol", "server/media"],
  "server/broadcast": ["server/core", "server/media"],
  "server/transcode": ["server/core", "server/media"],
  "server/packaging": ["server/core", "server/media"],
  "server/delivery": ["server/core", "server/protocol", "server/packaging"],
  "server/recordings": ["server/core", "server/protocol", "server/media"],
  "server/analysis": ["server/core", "server/protocol", "server/media"],
  "server/chat": ["server/core", "server/protocol", "server/media"],
  "server/control": ["server/core", "server/protocol", "server/media"],
};

/** What each part may import of ours besides itself: the table in docs/architecture.md. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  ...STAGES,
  "server/setting-readers.ts": ["server/core", "server/protocol"],
  "server/settings.ts": ["server/setting-readers.ts"],
  "server/config.ts": ["server/core", "server/protocol", "server/settings.ts"],
  "server/config-file.ts": ["server/core", "server/protocol"],
  // What connects the stages, and the composition root that it is made for.
  "server/wiring": [...Object.keys(STAGES), "server/config.ts"],
  "server/app.ts": [...Object.keys(STAGES), "server/config.ts", "server/wiring"],
  "server/start-failure.ts": ["server/core", "server/config.ts"],
  "server/serve.ts": [
    ...Object.keys(STAGES),
    "server/config.ts",
    "server/config-file.ts",
    "server/app.ts",
    "server/start-failure.ts",
  ],
  "server/main.ts": ["server/core", "server/serve.ts"],
  web: ["server/protocol"],
};

const STATEMENT = /\b(?:import|export)\s+(type\s)?(?:[\w$*{},\s]*?\bfrom\s*)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/g;

/** Every import, re-export and dynamic import of a file. */
export function importsOf({ file, text }: Source): Import[] {
  return [...text.matchAll(STATEMENT)].map(([, type, named = "", dynamic]) => ({
    file,
    specifier: dynamic ?? named,
    isType: type !== undefined,
  }));
}

/** Imports against the direction of {@link MAY_IMPORT}, and files in no place that it knows. */
export function wrongImports(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const from = partOf(source.file);
    const allowed = MAY_IMPORT[from];
    if (allowed === undefined) return [`${source.file} is in no part that tests/architecture/imports.ts knows`];
    return relativeTargets(source)
      .filter((target) => partOf(target) !== from && !allowed.includes(partOf(target)))
      .map((target) => `${source.file} imports ${target}`);
  });
}

/** Imports of Node's own modules, for code that must run in a browser. */
export function nodeImports(sources: readonly Source[]): string[] {
  return sources
    .flatMap(importsOf)
    .filter(({ specifier }) => specifier.startsWith("node:"))
    .map(({ file, specifier }) => `${file} imports ${specifier}`);
}

/** The files that import a package or anything in it. */
export function importersOf(name: string, sources: readonly Source[]): string[] {
  const isIt = ({ specifier }: Import) => specifier === name || specifier.startsWith(`${name}/`);
  return sources.filter((source) => importsOf(source).some(isIt)).map(({ file }) => file);
}

/** Files that import each other in a circle at run time, one line per circle found. */
export function importCycles(sources: readonly Source[]): string[] {
  const targets = new Map(sources.map((source) => [source.file, runtimeTargets(source)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file)) return;
    done.add(file);
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
  };
  for (const file of targets.keys()) visit(file, []);
  return cycles;
}

function runtimeTargets(source: Source): string[] {
  return resolved(importsOf(source).filter(({ isType }) => !isType));
}

function relativeTargets(source: Source): string[] {
  return resolved(importsOf(source));
}

function resolved(imports: readonly Import[]): string[] {
  return imports
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ file, specifier }) => join(dirname(file), specifier));
}

/** The part of the table that a file belongs to: `web`, a folder of `server/`, or a file directly in it. */
function partOf(file: string): string {
  const [top = "", folder = ""] = file.split("/");
  return top === "server" ? `${top}/${folder}` : top;
}
