/** A file to write in the browser's origin-private file system: its folders, its name, and its content. */
export interface SpillOrder {
  readonly folders: readonly string[];
  readonly name: string;
  readonly bytes: Blob;
}

/** `written`, or why not. */
export type SpillReport = string;

/** Only workers have it, in every browser; the compiler's library for pages does not know it. */
interface SyncFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{ write(bytes: Uint8Array): number; close(): void }>;
}

globalThis.onmessage = async ({ data }: MessageEvent<SpillOrder>) => {
  const report: SpillReport = await write(data).then(
    () => "written",
    (error: unknown) => String(error),
  );
  globalThis.postMessage(report);
};

async function write({ folders, name, bytes }: SpillOrder): Promise<void> {
  let folder = await navigator.storage.getDirectory();
  for (const each of folders) folder = await folder.getDirectoryHandle(each);
  const handle = await folder.getFileHandle(name, { create: true });
  if (!canWrite(handle)) throw new Error("this browser writes no files");
  const content = new Uint8Array(await bytes.arrayBuffer());
  const file = await handle.createSyncAccessHandle();
  try {
    if (file.write(content) < content.byteLength) throw new Error("the disk is full");
  } finally {
    file.close();
  }
}

function canWrite(handle: FileSystemFileHandle): handle is SyncFileHandle {
  return "createSyncAccessHandle" in handle;
}
