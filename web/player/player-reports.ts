/** What players over HTTP tell of themselves now and then (CTA-5004-B): nothing that says who somebody is. */
export const REPORT_KEYS = ["sid", "sf", "bl", "br", "mtp", "ltc", "msd", "bs", "sta"] as const;

/** How often. */
export const REPORT_SECONDS = 5;
