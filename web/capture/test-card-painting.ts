import { encodeTime, STRIP_CELLS, stripHeight } from "./time-strip.ts";

const BARS = ["#c8c8c8", "#c4bc3a", "#3abfc4", "#3fb950", "#b04ab8", "#c0453f", "#3a55c4"] as const;
const INK = "#e8f3f3";
const BACKGROUND = "#10242a";
const WATER = "#1f7a8c";
const WOOD = "#d9a35b";
const PADDLES = 8;
/** One turn of the mill wheel. */
const TURN_MS = 6_000;

/** Anything 2D that can be painted on. */
type Painter = CanvasRenderingContext2D;

/** What stays the same in every picture: painted once, copied every time. */
export function paintBackground(painter: Painter, label: string): void {
  const { width, height } = painter.canvas;
  painter.fillStyle = BACKGROUND;
  painter.fillRect(0, 0, width, height);
  const barsTop = height * 0.86;
  BARS.forEach((colour, index) => {
    painter.fillStyle = colour;
    painter.fillRect((width * index) / BARS.length, barsTop, Math.ceil(width / BARS.length), height - barsTop);
  });
  painter.fillStyle = INK;
  painter.font = `600 ${Math.round(height * 0.05)}px system-ui, sans-serif`;
  painter.textAlign = "left";
  painter.fillText(label, width * 0.45, height * 0.3, width * 0.52);
}

/** Everything that moves: the strip, the clock, the wheel and its water. `clockMs` is what a viewer will read. */
export function paintMoment(painter: Painter, clockMs: number, frame: number): void {
  paintStrip(painter, clockMs);
  paintClock(painter, clockMs, frame);
  paintWheel(painter, clockMs);
  paintWater(painter, clockMs);
}

function paintStrip(painter: Painter, clockMs: number): void {
  const { width, height } = painter.canvas;
  const rows = stripHeight(height);
  painter.fillStyle = "#000";
  painter.fillRect(0, 0, width, rows);
  painter.fillStyle = "#fff";
  encodeTime(clockMs).forEach((cell, index) => {
    if (cell === 0) return;
    const left = Math.round((width * index) / STRIP_CELLS);
    painter.fillRect(left, 0, Math.round((width * (index + 1)) / STRIP_CELLS) - left, rows);
  });
}

function paintClock(painter: Painter, clockMs: number, frame: number): void {
  const { width, height } = painter.canvas;
  const time = new Date(clockMs);
  const two = (value: number, digits = 2) => String(value).padStart(digits, "0");
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  painter.fillStyle = INK;
  painter.textAlign = "left";
  painter.font = `700 ${Math.round(height * 0.14)}px ui-monospace, monospace`;
  painter.fillText(clock, width * 0.45, height * 0.5, width * 0.52);
  painter.font = `500 ${Math.round(height * 0.07)}px ui-monospace, monospace`;
  painter.fillText(`.${two(time.getMilliseconds(), 3)}  #${frame}`, width * 0.45, height * 0.61, width * 0.52);
  // Lit for the length of the beep, so that eye and ear can compare.
  painter.fillStyle = time.getMilliseconds() < 80 ? WOOD : WATER;
  painter.fillRect(width * 0.45, height * 0.67, width * 0.05, height * 0.05);
}

function paintWheel(painter: Painter, clockMs: number): void {
  const { width, height } = painter.canvas;
  const radius = height * 0.26;
  painter.save();
  painter.translate(width * 0.22, height * 0.46);
  painter.rotate(((clockMs % TURN_MS) / TURN_MS) * 2 * Math.PI);
  painter.strokeStyle = WOOD;
  painter.lineWidth = height * 0.018;
  circle(painter, radius * 0.8);
  circle(painter, radius * 0.16);
  for (let paddle = 0; paddle < PADDLES; paddle += 1) {
    painter.rotate((2 * Math.PI) / PADDLES);
    painter.beginPath();
    painter.moveTo(0, -radius * 0.16);
    painter.lineTo(0, -radius);
    painter.moveTo(-radius * 0.14, -radius);
    painter.lineTo(radius * 0.14, -radius);
    painter.stroke();
  }
  painter.restore();
}

function paintWater(painter: Painter, clockMs: number): void {
  const { width, height } = painter.canvas;
  const level = height * 0.75;
  painter.fillStyle = WATER;
  painter.beginPath();
  painter.moveTo(0, height * 0.86);
  for (let x = 0; x <= 24; x += 1) {
    painter.lineTo((width * x) / 24, level + Math.sin(x * 0.9 - clockMs / 400) * height * 0.015);
  }
  painter.lineTo(width, height * 0.86);
  painter.fill();
}

function circle(painter: Painter, radius: number): void {
  painter.beginPath();
  painter.arc(0, 0, radius, 0, 2 * Math.PI);
  painter.stroke();
}
