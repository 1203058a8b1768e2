// Where each part of the drawing lies, by the room there is.

const NARROW = 460;
const WIDE = 900;

export function layOut(width, height, shown) {
  const narrow = width < NARROW;
  const font = narrow ? 10.5 : width < WIDE ? 11.5 : 13.5;
  const [bolusGap, basalGap] = [shown.boluses ? font : 0, shown.basal ? font : 0];
  const [bolusShare, basalShare] = [shown.boluses ? 2 : 0, shown.basal ? 1.3 : 0];
  const glucoseShare = 6;
  const bottom = height - font * 1.9;
  const laneHeight = font * (shown.lane ? 2.1 : 0.5);
  const carbsHeight = shown.boluses ? font * 1.6 : 0;
  const free = Math.max(0, bottom - laneHeight - carbsHeight - bolusGap - basalGap);
  const share = free / (glucoseShare + bolusShare + basalShare);

  let y = laneHeight;
  const strip = (height, gap = 0) => ({ top: (y += gap), bottom: (y += height) });
  return {
    width,
    height,
    left: font * 2.9,
    right: width - font * 0.9,
    font,
    narrow,
    lane: shown.lane ? { top: 0, bottom: laneHeight } : null,
    glucose: strip(share * glucoseShare),
    boluses: shown.boluses ? strip(share * bolusShare, bolusGap) : null,
    carbs: shown.boluses ? strip(carbsHeight) : null,
    basal: shown.basal ? strip(share * basalShare, basalGap) : null,
    bottom,
  };
}
