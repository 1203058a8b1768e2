// Units, from values to pixels, and lines of a time axis.

export const MG_DL_PER_MMOL_L = 18.016;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const TIME_STEPS = [15, 30, 60, 120, 180, 240, 360, 720].map((minutes) => minutes * MINUTE);

export function linear([first, last], [from, to]) {
  const slope = (to - from) / (last - first || 1);
  const scale = (value) => from + (value - first) * slope;
  return Object.assign(scale, { invert: (pixel) => first + (pixel - from) / slope });
}

/**
 * Instants at round local times, at least so many pixels `apart`.
 * @param offset of local time from UTC
 */
export function timeTicks({ start, end }, width, apart, offset) {
  const step = TIME_STEPS.find((step) => (step / (end - start)) * width >= apart) ?? DAY;
  const ticks = [];
  const quarter = TIME_STEPS[0];
  for (let at = Math.ceil(start / quarter) * quarter; at <= end; at += quarter) {
    if ((at + offset(at)) % step === 0) ticks.push(at);
  }
  return ticks;
}
