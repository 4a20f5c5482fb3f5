import type { Source } from "./sources.ts";

/** Files that read the process's environment. */
export function environmentReaders(sources: readonly Source[]): string[] {
  const reads =
    /\bprocess\s*(\.|\?\.)\s*env\b|\bprocess\s*\[\s*["']env["']|\{[^}]*\benv\b[^}]*\}\s*(=\s*process\b|from\s*"node:process")/;
  return sources.filter(({ text }) => reads.test(withoutComments(text))).map(({ file }) => file);
}

/** Files with a default export. */
export function defaultExporters(sources: readonly Source[]): string[] {
  const exports = /^\s*export\s+default\b|\bas\s+default\b/m;
  return sources.filter(({ text }) => exports.test(withoutComments(text))).map(({ file }) => file);
}

/** Good enough for our own sources: a text that contains `//` is cut there, but nothing is added. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\/\/.*$/gm, "");
}
