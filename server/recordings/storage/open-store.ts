import { fileURLToPath } from "node:url";
import { AwsV4Signer } from "aws4fetch";
import type { Secret } from "../../core/secret.ts";
import { FolderStore } from "./folder-store.ts";
import { ObjectStore } from "./object-store.ts";
import type { Store } from "./store.ts";
import type { SendToStore, StoreRequest } from "./store-http.ts";

/** What the settings say about the store. */
export interface StoreSettings {
  /** `s3://BUCKET/PREFIX`, `https://HOST/PATH` or `file:///PATH`. */
  readonly url: string;
  readonly s3: {
    /** Undefined: Amazon's own. */
    readonly endpoint: string | undefined;
    readonly region: string;
    readonly keyId: string | undefined;
    readonly secret: Secret | undefined;
  };
  /** Authorization header for a web server. */
  readonly authorization: Secret | undefined;
}

/** A file of more goes to S3 in parts of as much: a lost connection costs one of them. */
const PART_BYTES = 64 * 1024 * 1024;

/** Makes the store that the settings name. */
export function openStore(settings: StoreSettings, partBytes = PART_BYTES): Store {
  const { protocol, href } = new URL(settings.url);
  if (protocol === "file:") return new FolderStore(fileURLToPath(href));
  if (protocol === "s3:") return new ObjectStore({ name: settings.url, send: signed(settings), partBytes });
  return new ObjectStore({ name: settings.url, send: plain(settings) });
}

function plain({ url, authorization }: StoreSettings): SendToStore {
  const own = authorization === undefined ? {} : { authorization: authorization.reveal() };
  return ({ method, key, headers, body, signal }) =>
    fetch(addressOf(url, key), {
      method,
      headers: { ...headers, ...own },
      signal,
      ...(body === undefined ? {} : { body }),
    });
}

/** Signature Version 4; what a body has in it is proved by its MD5, not by the signature. */
function signed({ url, s3 }: StoreSettings): SendToStore {
  const { hostname: bucket, pathname } = new URL(url);
  const endpoint = s3.endpoint ?? `https://s3.${s3.region}.amazonaws.com`;
  const base = `${endpoint.replace(/\/$/, "")}/${bucket}${pathname}`;
  return async (request: StoreRequest) => {
    const { method, key, query, headers = {}, body, signal } = request;
    const signer = new AwsV4Signer({
      method,
      url: `${addressOf(base, key)}${query === undefined ? "" : `?${query}`}`,
      headers: { ...headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
      accessKeyId: s3.keyId ?? "",
      secretAccessKey: s3.secret?.reveal() ?? "",
      service: "s3",
      region: s3.region,
    });
    const { url: address, headers: all } = await signer.sign();
    return fetch(address, { method, headers: all, signal, ...(body === undefined ? {} : { body }) });
  };
}

function addressOf(base: string, key: string): string {
  return `${base.replace(/\/$/, "")}/${key.split("/").map(encodeURIComponent).join("/")}`;
}
