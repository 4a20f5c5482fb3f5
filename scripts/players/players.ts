/** A player of somebody else's, as a page of theirs would use it. */
export interface ForeignPlayer {
  readonly name: string;
  /** Its script, below node_modules. */
  readonly library: string;
  readonly manifest: "master.m3u8" | "manifest.mpd";
  /** Runs in the page: knows `video`, `url`, and `fail(words)`. */
  readonly start: string;
}

const SHAKA = `
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  player.addEventListener("error", (event) => fail("shaka " + event.detail.code));
  await player.attach(video);
  player.configure({ streaming: { lowLatencyMode: true } });
  await player.load(url);
  await video.play();
`;

/** Those that most sites use, set up for low latency by their own documents and otherwise left alone. */
export const FOREIGN_PLAYERS: readonly ForeignPlayer[] = [
  {
    name: "hls.js",
    library: "hls.js/dist/hls.min.js",
    manifest: "master.m3u8",
    start: `
      const hls = new Hls({ lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.1 });
      hls.on(Hls.Events.ERROR, (_, data) => data.fatal && fail(data.details));
      hls.loadSource(url);
      hls.attachMedia(video);
      hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
    `,
  },
  {
    name: "dash.js",
    library: "dashjs/dist/modern/umd/dash.all.min.js",
    manifest: "manifest.mpd",
    start: `
      const player = dashjs.MediaPlayer().create();
      player.on("error", (event) => fail("dash.js " + event.error.code + " " + event.error.message));
      player.initialize(video, url, true);
      player.updateSettings({ debug: { logLevel: 0 } });
    `,
  },
  {
    name: "shaka-player, HLS",
    library: "shaka-player/dist/shaka-player.compiled.js",
    manifest: "master.m3u8",
    start: SHAKA,
  },
  {
    name: "shaka-player, DASH",
    library: "shaka-player/dist/shaka-player.compiled.js",
    manifest: "manifest.mpd",
    start: SHAKA,
  },
];
