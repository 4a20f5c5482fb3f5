/** The site that a request has come to, as its sender calls it, without a slash at the end: `https://video.example.org`. */
export function siteOf({ protocol, host }: { readonly protocol: string; readonly host: string }): string {
  // A proxy may say anything.
  return `${protocol === "https" ? "https" : "http"}://${host}`;
}
