import { dirname, join } from "node:path";
import { z } from "zod";
import type { Source } from "./sources.ts";

const table = z.record(z.string(), z.unknown()).default({});

/** What a package.json says about other packages. */
const manifest = z.object({
  dependencies: table,
  optionalDependencies: table,
  devDependencies: table,
  overrides: table,
});

/** Packages that package.json names (overrides, too) and the document has no row for, and rows for packages it lacks. */
export function undocumentedPackages(packageJson: string, document: string): string[] {
  const { dependencies, optionalDependencies, devDependencies, overrides } = manifest.parse(JSON.parse(packageJson));
  const used = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies, ...overrides });
  const rows = [...document.matchAll(/^\| `([^`]+)`/gm)].map(([, name = ""]) => name);
  return [
    ...used.filter((name) => !rows.includes(name)).map((name) => `${name} is not in the document`),
    ...rows.filter((name) => !used.includes(name)).map((name) => `${name} is not in package.json`),
    ...rows.filter((name, at) => rows.indexOf(name) !== at).map((name) => `${name} is in the document twice`),
  ];
}

/** The rows of the table of imports in docs/architecture.md. */
export function documentedImports(document: string): Record<string, string[]> {
  const [, table = ""] = document.split(/^\| Part \| May import \|$/m);
  const rows = [...table.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)];
  return Object.fromEntries(
    rows.map(([, part = "", allowed = ""]) => [part, [...allowed.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)]),
  );
}

/** Relative links and images of a Markdown document that lead to no file. */
export function deadLinks({ file, text }: Source, exists: (path: string) => boolean): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
  const links = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)|\b(?:href|src)="([^"]+)"|^\[[^\]]+\]:\s*(\S+)/gm)];
  return links
    .map(([, inline, html, reference]) => inline ?? html ?? reference ?? "")
    .filter((link) => !/^([a-z]+:|#)/.test(link))
    .filter((link) => !exists(join(dirname(file), decodeURI(link.replace(/[#?].*$/, "")))))
    .map((link) => `${file} links to ${link}`);
}
