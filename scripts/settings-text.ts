import { aboutSetting, type SettingAbout, settingNames } from "../server/settings.ts";

/** docs/settings.md, generated from the schema. */
export function settingsDocument(): string {
  const rows = settings().map(({ name, about }) => {
    return `| \`${name}\` | ${cell(about.initial)} | ${cell(about.allowed)} | ${cell(about.help)} |`;
  });
  return `# Settings

<!-- Written by \`npm run docs:settings\` from server/settings.ts: change it there. -->

Settings are environment variables. They are also read from the files \`.env\` and \`millrace.config.json\` (see
[sources](sources.md)) in the folder that the server is started in; the environment wins, then \`.env\`. An empty value
means not set. A bad value or an unknown name that starts with \`MILLRACE_\` stops the start with a line that says what is
allowed. \`npm start -- --help\` prints this list.

| Setting | Default | Allowed | What it does |
|---|---|---|---|
${rows.join("\n")}
`;
}

/** .env.example: every setting at its default, commented out. */
export function environmentExample(): string {
  const intro = `# Written by \`npm run docs:settings\` from server/settings.ts: change it there.
# Copy this file to .env and remove the # before what you want to set.
`;
  const entries = settings().map(({ name, about }) => {
    const value = about.isValue ? about.initial : "";
    const unset = about.isValue ? "" : ` Default: ${about.initial}.`;
    return `# ${about.help}\n# Allowed: ${about.allowed}.${unset}\n#${name}=${value}\n`;
  });
  return [intro, ...entries].join("\n");
}

function settings(): { name: string; about: SettingAbout }[] {
  return settingNames.flatMap((name) => {
    const about = aboutSetting(name);
    return about === undefined ? [] : [{ name, about }];
  });
}

/** A bar would end the table's cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
