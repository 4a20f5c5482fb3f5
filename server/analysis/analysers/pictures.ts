import type { Analyser, Finding } from "../finding.ts";
import type { PictureFrame } from "../frame.ts";
import type { Differences } from "./difference.ts";
import { Sampler } from "./sampler.ts";
import { Spell } from "./spell.ts";

/** This share of the picture in motion is worth telling: a person far away, not a leaf. */
const MOTION = 0.01;
/** Motion that comes back sooner than this is the same. In seconds. */
const MOTION_REST_SECONDS = 2;
/** ITU-R BT.601: black is 16, and a little noise is on top of it. */
const BLACK_LUMA = 32;
/** All but so many pixels must be black; a logo in the corner is not. */
const BLACK_SHARE = 0.98;
const BLACK_SECONDS = 1;
/** Less than this on average, and nothing that moves: the picture stands still. */
const FREEZE_MEAN = 0.001;
const FREEZE_SECONDS = 2;
/** From one picture to the next so much changes only where the scene does… */
const SCENE_MEAN = 0.1;
/** …and so much more than from the picture before that: a camera that pans is no cut. */
const SCENE_JUMP = 0.06;
/** Two cuts closer together are a flash. In seconds. */
const SCENE_REST_SECONDS = 0.5;

/** Makes an analyser of pictures out of what it does with one. */
function ofPictures(look: (frame: PictureFrame) => Finding[]): Analyser {
  return { analyze: (frame) => (frame.kind === "picture" ? look(frame) : []) };
}

/** Ranges in which something moves, and once a second how much. */
export function motion(differences: Differences): Analyser {
  const spell = new Spell("motion", 0);
  const sampler = new Sampler();
  let most = 0;
  let lastMoved = Number.NEGATIVE_INFINITY;
  return ofPictures((frame) => {
    const moved = differences.of(frame)?.moved ?? 0;
    most = Math.max(most, moved);
    if (moved >= MOTION) lastMoved = frame.time;
    const told = spell.look(frame.time - lastMoved < MOTION_REST_SECONDS, frame.time);
    const found = told.map((each) => (each.shape === "end" ? { ...each, time: lastMoved } : each));
    if (!sampler.isDue(frame.time)) return found;
    const level = rounded(most);
    most = 0;
    return [...found, { type: "motion-level", shape: "sample", data: { level } }];
  });
}

/** Once a second how bright the picture is, from 0 (black) to 1 (white). */
export function brightness(): Analyser {
  const sampler = new Sampler();
  return ofPictures((frame) => {
    if (!sampler.isDue(frame.time)) return [];
    return [{ type: "brightness", shape: "sample", data: { level: rounded(meanOf(frame.planes.y)) } }];
  });
}

/** Ranges in which the picture is black. */
export function black(): Analyser {
  const spell = new Spell("black", BLACK_SECONDS);
  return ofPictures(({ planes: { y }, time }) => {
    let dark = 0;
    for (const luma of y) if (luma <= BLACK_LUMA) dark += 1;
    return spell.look(dark >= BLACK_SHARE * y.byteLength, time);
  });
}

/** Ranges in which the picture stands still. */
export function freeze(differences: Differences): Analyser {
  const spell = new Spell("freeze", FREEZE_SECONDS);
  let before: number | undefined;
  return ofPictures((frame) => {
    const difference = differences.of(frame);
    const stands = difference !== undefined && difference.mean <= FREEZE_MEAN && difference.moved === 0;
    // It began with the picture that this one is like.
    const found = spell.look(stands, frame.time, undefined, before);
    before = frame.time;
    return found;
  });
}

/** The first picture after each cut. */
export function scene(differences: Differences): Analyser {
  let before = 0;
  let last = Number.NEGATIVE_INFINITY;
  return ofPictures((frame) => {
    const mean = differences.of(frame)?.mean ?? 0;
    const isCut = mean >= SCENE_MEAN && mean - before >= SCENE_JUMP && frame.time - last >= SCENE_REST_SECONDS;
    before = mean;
    if (!isCut) return [];
    last = frame.time;
    return [{ type: "scene", shape: "point", data: { change: rounded(mean) } }];
  });
}

/** Luma goes from 16 to 235 (ITU-R BT.601). */
function meanOf(y: Uint8Array): number {
  let sum = 0;
  for (const luma of y) sum += luma;
  return Math.min(1, Math.max(0, (sum / Math.max(1, y.byteLength) - 16) / 219));
}

function rounded(share: number): number {
  return Math.round(share * 1000) / 1000;
}
