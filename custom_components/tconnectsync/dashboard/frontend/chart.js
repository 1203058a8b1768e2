// The picture of a span of time as it is first seen: glucose, its range and the time.

import { dataEnd } from "./layers/data_end.js";
import { glucose } from "./layers/glucose.js";
import { glucoseScale, shownValues, targetRange } from "./layers/glucose_axis.js";
import { patterns } from "./layers/hatchings.js";
import { timeAxis } from "./layers/time_axis.js";
import { layOut } from "./layout.js";
import { linear } from "./units.js";
import { svg } from "./svg.js";

/** How late a page's clock may be: what is sent right now is not of the future. */
const MOMENT = 5000;

export class DayPicture {
  constructor(what, { width, height }) {
    const { view, shown, records, limits, locale } = what;
    const lane = shown.alarms || shown.sites || shown.basal;
    const layout = layOut(width, height, { lane, boluses: shown.boluses, basal: shown.basal });
    const x = linear([view.start, view.end], [layout.left, layout.right]);
    const newest = records.newest ?? view.start;
    const ahead = what.live.filter(({ at }) => at > newest && at >= view.start && at <= view.end + MOMENT);
    this._drawing = { ...what, layout, x, live: ahead };
    this._last = Math.min(view.end, Math.max(newest, ...ahead.map(({ at }) => at)));
    const seen = records.glucose.filter(({ at }) => at >= view.start && at <= view.end);
    const y = (this._glucose = glucoseScale(layout.glucose, [...shownValues(seen), ...ahead.map(({ value }) => value)], limits.high));
    const { behind, below, above } = this._layers(y);
    this.root = svg(
      "svg",
      {
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        "font-size": layout.font,
        role: "group",
        "data-start": view.start,
        "data-end": view.end,
      },
      patterns(layout),
      behind,
      targetRange({ layout, locale, limits }, y),
      timeAxis(this._drawing),
      ...below,
      glucose(this._drawing, y),
      dataEnd(this._drawing),
      ...above,
    );
  }

  /** What else is drawn: behind the range, below the glucose and above everything. */
  _layers(_y) {
    return { behind: null, below: [], above: [] };
  }
}
