/** Where this page came from, as far as addresses need it; `location` fits. */
export interface Place {
  readonly origin: string;
  readonly host: string;
  readonly protocol: string;
}

/** Every address of one channel, complete, ready to be shared (contract §4, §5, §7). */
export function channelAddresses(place: Place, channel: string) {
  const live = `${place.origin}/live/${channel}`;
  const sockets = `${place.protocol === "https:" ? "wss" : "ws"}://${place.host}`;
  return {
    watch: `${place.origin}/watch/${channel}`,
    capture: `${place.origin}/capture?channel=${channel}`,
    hls: `${live}/master.m3u8`,
    dash: `${live}/manifest.mpd`,
    publishHttp: `${place.origin}/publish/${channel}`,
    socket: `${sockets}/live/${channel}/socket`,
    publishSocket: `${sockets}/publish/${channel}`,
  } as const;
}

/** Every address of one recording. */
export function recordingAddresses(place: Place, broadcast: string) {
  const folder = `${place.origin}/recordings/${broadcast}`;
  return {
    watch: `${place.origin}/watch/recording/${broadcast}`,
    hls: `${folder}/master.m3u8`,
    dash: `${folder}/manifest.mpd`,
    source: `${folder}/source`,
    seekable: `${folder}/seekable`,
  } as const;
}

/** Adds the publishing key to an address, if there is one. */
export function withKey(address: string, key: string): string {
  return key === "" ? address : `${address}?key=${encodeURIComponent(key)}`;
}
