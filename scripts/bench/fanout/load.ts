import { setTimeout as sleep } from "node:timers/promises";
import { type Aim, Crowd } from "./crowd.ts";
import { HlsViewer } from "./hls-viewer.ts";
import { SocketViewer } from "./socket-viewer.ts";
import { type LoadCommand, loadCommand } from "./talk.ts";

/** The process that all viewers are in; it is told what to do by messages, and answers each. */
const JOIN_EVERY_MS = 20;
const LOOK_EVERY_MS = 20;
const crowds = new Map<string, Crowd>();
let aim: Aim = { port: 0, epochMs: 0 };
let Viewer: typeof SocketViewer | typeof HlsViewer = SocketViewer;

process.on("disconnect", () => process.exit());
process.on("message", (message) => {
  void obey(loadCommand.parse(message)).then((answer) => process.send?.(answer));
});

async function obey(command: LoadCommand): Promise<object> {
  switch (command.type) {
    case "aim":
      aim = command;
      Viewer = command.over === "socket" ? SocketViewer : HlsViewer;
      break;
    case "join":
      await join(command);
      break;
    case "measure":
      for (const crowd of crowds.values()) crowd.measure();
      break;
    case "report":
      return crowdOf(command.crowd).report;
  }
  return {};
}

/** Lets viewers come at an even pace, and waits until each has got something. */
async function join(command: Extract<LoadCommand, { type: "join" }>): Promise<void> {
  const { viewers, perSecond, limitMs } = command;
  const crowd = crowdOf(command.crowd);
  const wanted = crowd.answered + viewers;
  const began = performance.now();
  for (let joined = 0; joined < viewers; await sleep(JOIN_EVERY_MS)) {
    const due = Math.min(viewers, Math.ceil(((performance.now() - began) * perSecond) / 1000));
    for (; joined < due; joined++) new Viewer(crowd);
  }
  while (crowd.answered < wanted && performance.now() - began < limitMs) await sleep(LOOK_EVERY_MS);
}

function crowdOf(name: string): Crowd {
  const known = crowds.get(name) ?? new Crowd(aim);
  crowds.set(name, known);
  return known;
}
