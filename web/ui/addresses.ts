/** Where this page came from, as far as addresses need it; `location` fits. */
export interface Place {
  readonly origin: string;
  readonly host: string;
  readonly protocol: string;
}

/**
 * Every address of one channel, complete, ready to be shared (contract §4, §5, §7). `token` is that of a link, for a
 * channel that is watched by link only: it is a folder, so that players carry it on.
 */
export function channelAddresses(place: Place, channel: string, token?: string) {
  const folder = `${channel}${tokenFolder(token)}`;
  const live = `${place.origin}/live/${folder}`;
  const sockets = `${place.protocol === "https:" ? "wss" : "ws"}://${place.host}`;
  return {
    watch: withQuery(`${place.origin}/watch/${channel}`, token === undefined ? {} : { token }),
    capture: `${place.origin}/capture?channel=${channel}`,
    hls: `${live}/master.m3u8`,
    dash: `${live}/manifest.mpd`,
    preview: `${live}/preview.jpg`,
    reports: `${live}/cmcd`,
    events: `${live}/events.json`,
    publishHttp: `${place.origin}/publish/${channel}`,
    socket: `${sockets}/live/${folder}/socket`,
    frames: `${sockets}/live/${folder}/frames`,
    chat: `${sockets}/live/${folder}/chat`,
    publishSocket: `${sockets}/publish/${channel}`,
  } as const;
}

/** Every address of one recording. */
export function recordingAddresses(place: Place, broadcast: string, token?: string) {
  const folder = `${place.origin}/recordings/${broadcast}${tokenFolder(token)}`;
  return {
    watch: withQuery(`${place.origin}/watch/recording/${broadcast}`, token === undefined ? {} : { token }),
    hls: `${folder}/master.m3u8`,
    dash: `${folder}/manifest.mpd`,
    source: `${folder}/source`,
    seekable: `${folder}/seekable`,
    cover: `${folder}/preview.jpg`,
    events: `${folder}/events.json`,
    chat: `${folder}/chat.json`,
    thumbnails: `${folder}/previews/thumbnails.vtt`,
  } as const;
}

/** Adds a query to an address; without parameters it stays as it is. */
export function withQuery(address: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  return text === "" ? address : `${address}?${text}`;
}

function tokenFolder(token: string | undefined): string {
  return token === undefined ? "" : `/~${encodeURIComponent(token)}`;
}
