/** What a page that shows a channel or a recording tells to those who link to it. */
export interface Shared {
  readonly title: string;
  readonly description: string;
  /** Addresses below the site, beginning with a slash. */
  readonly page: string;
  readonly embed: string;
  readonly picture: string;
}

const WIDTH = 640;
const HEIGHT = 360;

/** What goes into the page's head: Open Graph for links in messages, and where oEmbed is to be had. */
export function shareTags({ title, description, page, embed, picture }: Shared, site: string): string {
  const meta = (property: string, content: string) =>
    `<meta property="${property}" content="${escapeHtml(content)}" />`;
  const oembed = `${site}/oembed?url=${encodeURIComponent(site + page)}`;
  return [
    meta("og:type", "video.other"),
    meta("og:site_name", "Millrace"),
    meta("og:title", title),
    ...(description === "" ? [] : [meta("og:description", description)]),
    meta("og:url", site + page),
    meta("og:image", site + picture),
    meta("og:video:url", site + embed),
    meta("og:video:type", "text/html"),
    meta("og:video:width", String(WIDTH)),
    meta("og:video:height", String(HEIGHT)),
    `<meta name="twitter:card" content="summary_large_image" />`,
    `<link rel="alternate" type="application/json+oembed" href="${escapeHtml(oembed)}" title="${escapeHtml(title)}" />`,
  ].join("\n    ");
}

/** How large somebody's page lets a player be, in pixels. */
export interface Room {
  readonly maxwidth?: number | undefined;
  readonly maxheight?: number | undefined;
}

/** The answer of oEmbed 1.0 (§2.3.4.2): a player in a frame that fits, and never larger than need be. */
export function oembedOf({ title, embed, picture }: Shared, site: string, { maxwidth, maxheight }: Room) {
  const scale = Math.min(1, (maxwidth ?? WIDTH) / WIDTH, (maxheight ?? HEIGHT) / HEIGHT);
  const [width, height] = [Math.floor(WIDTH * scale), Math.floor(HEIGHT * scale)];
  const allow = "autoplay; fullscreen; picture-in-picture";
  return {
    version: "1.0",
    type: "video",
    title,
    provider_name: "Millrace",
    provider_url: site,
    width,
    height,
    html: `<iframe src="${escapeHtml(site + embed)}" width="${width}" height="${height}" title="${escapeHtml(title)}" allow="${allow}" allowfullscreen style="border:0"></iframe>`,
    thumbnail_url: site + picture,
    thumbnail_width: WIDTH,
    thumbnail_height: HEIGHT,
  } as const;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
