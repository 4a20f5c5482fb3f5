/** Element IDs of EBML (RFC 8794 §11.2) and Matroska (RFC 9559 §5) that a scanner has to know. */
export const ID = {
  ebml: 0x1a45dfa3,
  ebmlReadVersion: 0x42f7,
  ebmlMaxIdLength: 0x42f2,
  ebmlMaxSizeLength: 0x42f3,
  docType: 0x4282,
  void: 0xec,
  crc32: 0xbf,

  segment: 0x18538067,
  seekHead: 0x114d9b74,
  info: 0x1549a966,
  tracks: 0x1654ae6b,
  cluster: 0x1f43b675,
  cues: 0x1c53bb6b,
  attachments: 0x1941a469,
  chapters: 0x1043a770,
  tags: 0x1254c367,

  timestampScale: 0x2ad7b1,

  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  displayWidth: 0x54b0,
  displayHeight: 0x54ba,
  displayUnit: 0x54b2,
  flagInterlaced: 0x9a,
  audio: 0xe1,
  samplingFrequency: 0xb5,
  channels: 0x9f,

  timestamp: 0xe7,
  silentTracks: 0x5854,
  position: 0xa7,
  prevSize: 0xab,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,

  block: 0xa1,
  blockVirtual: 0xa2,
  blockAdditions: 0x75a1,
  blockDuration: 0x9b,
  referencePriority: 0xfa,
  referenceBlock: 0xfb,
  referenceVirtual: 0xfd,
  codecState: 0xa4,
  discardPadding: 0x75a2,
  slices: 0x8e,
  referenceFrame: 0xc8,
} as const;

const KIB = 1024;
const MIB = 1024 * KIB;

/** An uncompressed 4K picture fits; a size beyond it is damage. */
const MAX_BLOCK_BYTES = 16 * MIB;

/** What may stand in a Segment, and how large it may be. A Cluster is opened, so it has no bound. */
export const SEGMENT_CHILDREN: ReadonlyMap<number, number> = new Map<number, number>([
  [ID.void, 64 * MIB],
  [ID.crc32, 4],
  [ID.seekHead, MIB],
  [ID.info, MIB],
  [ID.tracks, MIB],
  [ID.cluster, Number.MAX_SAFE_INTEGER],
  [ID.cues, 64 * MIB],
  [ID.attachments, 64 * MIB],
  [ID.chapters, 64 * MIB],
  [ID.tags, 64 * MIB],
]);

/**
 * The same for a Cluster. The one-byte IDs have close bounds, because damage can look like them; EncryptedBlock, which
 * nobody writes, is left out for the same reason.
 */
export const CLUSTER_CHILDREN: ReadonlyMap<number, number> = new Map<number, number>([
  [ID.void, 64 * KIB],
  [ID.crc32, 4],
  [ID.timestamp, 8],
  [ID.silentTracks, KIB],
  [ID.position, 8],
  [ID.prevSize, 8],
  [ID.simpleBlock, MAX_BLOCK_BYTES],
  [ID.blockGroup, MAX_BLOCK_BYTES],
]);

/** The same for a BlockGroup. */
export const BLOCK_GROUP_CHILDREN: ReadonlyMap<number, number> = new Map<number, number>([
  [ID.void, 64 * KIB],
  [ID.crc32, 4],
  [ID.block, MAX_BLOCK_BYTES],
  [ID.blockVirtual, MAX_BLOCK_BYTES],
  [ID.blockAdditions, MAX_BLOCK_BYTES],
  [ID.blockDuration, 8],
  [ID.referencePriority, 8],
  [ID.referenceBlock, 8],
  [ID.referenceVirtual, 8],
  [ID.codecState, MIB],
  [ID.discardPadding, 8],
  [ID.slices, 64 * KIB],
  [ID.referenceFrame, 64 * KIB],
]);
