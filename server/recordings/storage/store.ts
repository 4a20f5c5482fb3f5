import type { Readable } from "node:stream";

/** A file that is to be kept, and how it will be given out. */
export interface FileToKeep {
  readonly path: string;
  readonly type: string;
  /** Cache-Control. */
  readonly cache: string;
}

/** A kept file, or the range of it that was asked for. */
export interface KeptFile {
  readonly status: 200 | 206;
  readonly bytes: number;
  /** Content-Range of a range. */
  readonly range: string | undefined;
  readonly body: Readable;
}

/** Where recordings are kept beside or in place of the data folder: a folder, a web server or S3. Keys are paths. */
export interface Store {
  /** For people. */
  readonly name: string;
  /** Keeps a file under a key, in place of what was there. Rejects unless all of it has arrived. */
  put(key: string, file: FileToKeep, signal: AbortSignal): Promise<void>;
  /** Undefined when nothing is there. `range` is the header of a request: the whole file answers one that is no good. */
  get(key: string, range: string | undefined, signal: AbortSignal): Promise<KeptFile | undefined>;
  /** What is not there need not be deleted. */
  delete(key: string, signal: AbortSignal): Promise<void>;
}

/** A store's refusal, and whether it may be another one in a moment. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly mayPass: boolean;

  constructor(message: string, mayPass: boolean) {
    super(message);
    this.mayPass = mayPass;
  }
}
