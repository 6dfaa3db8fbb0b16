// Figures as people read them. What is not known is a dash, never a zero.

const isKnown = (value) => value !== null && value !== undefined;

export const dash = "—";

/** Seconds, with one digit below a hundred. */
export function seconds(value) {
  return isKnown(value) ? `${value.toFixed(value < 100 ? 1 : 0)} s` : dash;
}

export function milliseconds(value) {
  return isKnown(value) ? `${value.toFixed(1)} ms` : dash;
}

/** Both bounds of an interval, to the millisecond. */
export function bracket(bounds) {
  return bounds ? `${bounds.lowerSeconds.toFixed(3)} … ${bounds.upperSeconds.toFixed(3)} s` : dash;
}

/** Milliseconds as minutes and seconds, without a sign. */
export function clock(duration) {
  const whole = Math.floor(Math.abs(duration) / 1000);
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}
