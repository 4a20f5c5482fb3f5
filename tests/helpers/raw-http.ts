import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";

/** An answer, as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Asks for a path exactly as it is written: `fetch` would tidy it up first. */
export async function ask(
  url: string,
  path: string,
  how: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const asked = request({
    hostname,
    port,
    path,
    agent: false,
    method: how.method ?? "GET",
    headers: how.headers ?? {},
  });
  asked.end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) };
}

/** Writings of a path that must lead nowhere. */
export function trickyPaths(prefix: string): string[] {
  return [
    `${prefix}/../../../etc/passwd`,
    `${prefix}/%2e%2e/%2e%2e/%2e%2e/etc/passwd`,
    `${prefix}/..%2f..%2f..%2fetc%2fpasswd`,
    `${prefix}/%2fetc%2fpasswd`,
    `${prefix}//etc/passwd`,
    `${prefix}/..%5c..%5cetc%5cpasswd`,
    `${prefix}/%00`,
    `${prefix}/%zz`,
    `${prefix}/${"x".repeat(5_000)}`,
    `/${prefix}/master.m3u8`,
  ];
}
