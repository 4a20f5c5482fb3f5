/** What we read of it; the package has no types. */
declare module "mpd-parser" {
  interface Playlist {
    readonly attributes: { readonly CODECS: string; readonly RESOLUTION?: { width: number; height: number } };
    readonly endList: boolean;
    readonly segments: readonly { readonly duration: number; readonly resolvedUri: string }[];
  }

  interface Manifest {
    readonly duration: number;
    readonly minimumUpdatePeriod?: number;
    readonly playlists?: readonly Playlist[];
    readonly mediaGroups?: {
      readonly AUDIO: Readonly<Record<string, Readonly<Record<string, { readonly playlists: readonly Playlist[] }>>>>;
    };
  }

  export function parse(text: string, options: { readonly manifestUri: string }): Manifest;
}
