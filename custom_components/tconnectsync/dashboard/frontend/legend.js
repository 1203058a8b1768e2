// What the colours mean.

/**
 * Class and words of each.
 * @param {boolean} fortnight
 * @param {import("./chart.js").Shown} shown
 * @param {import("./locale.js").Locale} locale
 * @returns {[string, string][]}
 */
export function legendOf(fortnight, shown, locale) {
  const say = (/** @type {string} */ key) => locale.say(key);
  if (fortnight) {
    return [
      ["median", say("median")],
      ["half", say("half_of_days")],
      ["most", say("most_days")],
      ["today", say("today")],
    ];
  }
  /** @type {[string, string][]} */
  const items = [
    ["in", say("in_range")],
    ["low", say("low")],
    ["high", say("high")],
  ];
  if (shown.boluses) {
    items.push(["bolus", say("bolus")], ["automatic", say("bolus_automatic")], ["on-board", say("insulin_on_board")]);
  }
  if (shown.basal) items.push(["basal", say("basal")], ["profile", say("profile")]);
  return items;
}
