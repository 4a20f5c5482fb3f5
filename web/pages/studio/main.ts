import { openChannel } from "../../studio/channel-view.ts";
import { openOverview } from "../../studio/overview-view.ts";
import { startStudio } from "../../studio/studio.ts";
import { parseStudioPath } from "../../studio/studio-path.ts";
import { find, setText } from "../../ui/dom.ts";

const leaving = new AbortController();
addEventListener("pagehide", ({ persisted }) => {
  if (!persisted) leaving.abort();
});

const target = parseStudioPath(location.pathname);
if (target.kind === "unknown") {
  const status = find("#status", HTMLElement);
  setText(status, target.text);
  status.hidden = false;
} else {
  void startStudio(leaving.signal, (studio) =>
    target.kind === "overview" ? openOverview(studio) : openChannel(studio, target.channel),
  );
}
