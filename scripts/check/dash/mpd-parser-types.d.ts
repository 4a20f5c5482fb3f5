/** What we read of it; the package has no types. */
declare module "mpd-parser" {
  /** One representation, as a playlist. */
  export interface ParsedPlaylist {
    readonly attributes: {
      readonly NAME: string;
      readonly CODECS: string;
      readonly RESOLUTION?: { width: number; height: number };
    };
    readonly endList: boolean;
    readonly segments: readonly {
      readonly duration: number;
      readonly resolvedUri: string;
      readonly map?: { readonly resolvedUri: string };
    }[];
  }

  interface Manifest {
    readonly duration: number;
    readonly minimumUpdatePeriod?: number;
    readonly playlists?: readonly ParsedPlaylist[];
    readonly mediaGroups?: {
      readonly AUDIO: Readonly<
        Record<string, Readonly<Record<string, { readonly playlists: readonly ParsedPlaylist[] }>>>
      >;
    };
  }

  export function parse(text: string, options: { readonly manifestUri: string }): Manifest;
}
