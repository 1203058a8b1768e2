// The summary above the picture: what held last and when, and what stands out.

import { dataEnds, isFresh, isOfNow, isRecent, isStale } from "./freshness.js";
import { bandOf } from "./glucose_bands.js";
import { arrow, meaning } from "./alarm_and_trend_names.js";

/**
 * Values that are too old are left out, and a glucose that is not of now says its age.
 * What is raised or suspended stays so.
 * @param answer of an account that is loaded
 * @param live the newest of another sensor, undefined without one
 */
export function summary(answer, limits, live, now, locale, localize) {
  const fresh = (one) => (one && isFresh(answer, Date.parse(one.time), now) ? one : null);
  const ago = (at) => locale.say("ago", { age: locale.duration(now - at) });
  const stale = isStale(answer, now);
  const { newest: end, suspension, raised } = answer;
  const basal = stale || suspension ? null : answer.basal;
  const since = ({ start, time = start }) => locale.say("since", { time: locale.timeOtherThan(Date.parse(time), now) });
  const estimate = fresh(answer.insulin_on_board_estimate);
  const onBoard = estimate ?? fresh(answer.insulin_on_board);
  const said = fresh(answer.glucose);
  const reading = said && { ...said, at: Date.parse(said.time), value: said.glucose_mg_dl };

  const glucose = (name, reading) => {
    const ofNow = reading && isOfNow(reading.at, now);
    const beyond = reading && reading.value === null && ["low", "high"].includes(reading.state) ? reading.state : null;
    return {
      name,
      label: locale.say(name === "live" ? "live_glucose" : name),
      value: beyond ? locale.say(beyond) : reading && reading.value !== null ? locale.glucoseNumber(reading.value) : null,
      unit: reading?.value ? locale.glucoseUnit : "",
      arrow: ofNow ? arrow(reading.trend) : "",
      level: !ofNow ? "" : beyond ? `very-${beyond}` : reading.value === null ? "" : bandOf(reading.value, limits),
    };
  };
  const values = [
    {
      ...glucose("glucose", reading),
      key: "glucose",
      time: !reading ? "" : isOfNow(reading.at, now) ? locale.time(reading.at) : ago(reading.at),
    },
    {
      name: "on-board",
      key: onBoard && !estimate ? "insulin_on_board" : "insulin_on_board_estimate",
      label: locale.say("insulin_on_board"),
      // What the pump said is exact, the estimate is not.
      value: onBoard && (estimate ? `≈ ${locale.number(onBoard.insulin_on_board_units, 1, 1)}` : locale.number(onBoard.insulin_on_board_units, 2)),
      unit: onBoard ? locale.say("units") : "",
      time: onBoard ? locale.time(Date.parse(onBoard.time)) : "",
    },
    {
      name: "basal",
      key: "basal_rate",
      label: locale.say("basal"),
      level: suspension && "suspended",
      value: suspension ? locale.say("suspended_short") : basal && locale.number(basal.rate_units_per_hour, 3),
      unit: basal ? locale.say("units_per_hour") : "",
      time: suspension ? since(suspension) : basal ? locale.time(Date.parse(end)) : "",
    },
  ];
  if (live !== undefined) {
    values.unshift({ ...glucose("live", live && isRecent(answer, live.at, now) ? live : null), time: live ? ago(live.at) : "" });
  }
  return {
    stale,
    age: answer.clock_doubtful || !end ? "" : dataEnds(answer, now, locale),
    values,
    raised: raised.map((alarm) => `${meaning(alarm, localize)}, ${since(alarm)}`),
  };
}
