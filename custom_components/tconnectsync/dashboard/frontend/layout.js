// Where each part of the drawing lies, by the room there is.

const NARROW = 460;
const WIDE = 900;

/**
 * @typedef {{top: number, bottom: number}} Strip
 * @typedef {{width: number, height: number, left: number, right: number, font: number, narrow: boolean,
 *   lane: Strip | null, glucose: Strip, boluses: Strip | null, carbs: Strip | null, basal: Strip | null,
 *   bottom: number}} Layout
 */

/**
 * @param {number} width
 * @param {number} height
 * @param {{lane: boolean, boluses: boolean, basal: boolean}} shown
 * @returns {Layout}
 */
export function layOut(width, height, shown) {
  const narrow = width < NARROW;
  const font = narrow ? 10.5 : width < WIDE ? 11.5 : 13.5;
  const gap = font;
  const bottom = height - font * 1.9;
  const laneHeight = shown.lane ? font * 2.1 : font * 0.5;
  const carbsHeight = shown.boluses ? font * 1.6 : 0;
  const room = bottom - laneHeight - carbsHeight - (shown.boluses ? gap : 0) - (shown.basal ? gap : 0);
  const shares = { glucose: 6, boluses: shown.boluses ? 2 : 0, basal: shown.basal ? 1.3 : 0 };
  const share = room / (shares.glucose + shares.boluses + shares.basal);

  let y = laneHeight;
  const strip = (/** @type {number} */ height) => ({ top: y, bottom: (y += height) });
  const glucose = strip(share * shares.glucose);
  y += shown.boluses ? gap : 0;
  const boluses = shown.boluses ? strip(share * shares.boluses) : null;
  const carbs = shown.boluses ? strip(carbsHeight) : null;
  y += shown.basal ? gap : 0;
  const basal = shown.basal ? strip(share * shares.basal) : null;
  return {
    width,
    height,
    left: font * 2.9,
    right: width - font * 0.9,
    font,
    narrow,
    lane: shown.lane ? { top: 0, bottom: laneHeight } : null,
    glucose,
    boluses,
    carbs,
    basal,
    bottom,
  };
}
