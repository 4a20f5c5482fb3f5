import { writeFileSync } from "node:fs";
import { environmentExample, settingsDocument } from "./settings-text.ts";

writeFileSync(new URL("../docs/settings.md", import.meta.url), settingsDocument());
writeFileSync(new URL("../.env.example", import.meta.url), environmentExample());
