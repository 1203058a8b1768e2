// How the card looks: the theme's colours, and sizes by the room there is.

export const styles = `
:host {
  display: block;
  height: 100%;
  --low: var(--red-color, #f44336);
  --in: color-mix(in srgb, var(--green-color, #4caf50) 85%, var(--primary-text-color));
  --very-low: color-mix(in srgb, var(--low) 62%, black);
  --high: var(--amber-color, #ffc107);
  --very-high: var(--deep-orange-color, #ff6f22);
  --bolus: var(--blue-color, #2196f3);
  --automatic: color-mix(in srgb, var(--cyan-color, #00bcd4) 80%, var(--primary-text-color));
  --basal: var(--light-blue-color, #03a9f4);
  --on-board: var(--purple-color, #926bc7);
  --sleep: var(--indigo-color, #3f51b5);
  --exercise: var(--teal-color, #009688);
  --eating: var(--amber-color, #ffc107);
  --site: color-mix(in srgb, var(--blue-grey-color, #607d8b) 80%, var(--primary-text-color));
  --surface: var(--ha-card-background, var(--card-background-color, #fff));
  --soft: var(--secondary-text-color, #727272);
  --faint: color-mix(in srgb, var(--primary-text-color) 10%, transparent);
}
:host([panel]) { height: calc(100vh - var(--header-height, 56px) - 1px); height: calc(100dvh - var(--header-height, 56px) - 1px); }
[hidden] { display: none !important; }
ha-card { height: 100%; overflow: hidden; }
.card {
  container-type: inline-size;
  box-sizing: border-box;
  height: 100%;
  display: flex;
  flex-direction: column;
  color: var(--primary-text-color);
  font-family: var(--ha-font-family-body, inherit);
  -webkit-tap-highlight-color: transparent;
}
header {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  gap: 4px 24px;
  padding: 14px 16px 8px;
}
.title { flex: 1 1 100%; font-size: 16px; font-weight: 500; }
.values { display: flex; flex-wrap: wrap; align-items: flex-end; gap: 4px 26px; }
.value { display: grid; grid-template-columns: auto 1fr; column-gap: 5px; align-items: baseline; }
.value b { font-size: 22px; line-height: 1.15; font-weight: 500; font-variant-numeric: tabular-nums; }
.value:is(.glucose, .live) b { font-size: 28px; }
.values:has(.live) .glucose b { font-size: 22px; }
.value span { color: var(--soft); font-size: 13px; white-space: nowrap; }
.value:is(.glucose, .live) span { color: var(--primary-text-color); font-size: 15px; }
.value small { grid-column: 1 / -1; color: var(--soft); font-size: 11.5px; line-height: 1.35; }
.value:is(.low, .very-low) b { color: var(--low); }
.value.in b { color: var(--in); }
.value.high b { color: color-mix(in srgb, var(--high) 74%, var(--primary-text-color)); }
.value.very-high b { color: color-mix(in srgb, var(--very-high) 85%, var(--primary-text-color)); }
.age { margin-inline-start: auto; color: var(--soft); font-size: 12.5px; text-align: end; }
.pills { flex: 1 1 100%; display: flex; flex-wrap: wrap; gap: 6px; }
.pill {
  padding: 3px 10px;
  border-radius: 999px;
  background: color-mix(in srgb, var(--primary-text-color) 6%, transparent);
  font-size: 12.5px;
  line-height: 1.6;
  white-space: nowrap;
  font-variant-numeric: tabular-nums;
}
.pill span { color: var(--soft); }
button.value { text-align: start; }
.sums { flex: none; box-sizing: border-box; min-height: calc(1.5em + 6px); display: flex; flex-wrap: wrap; gap: 0 12px; padding: 0 16px 6px; color: var(--soft); font-size: 12.5px; line-height: 1.5; }
.raised, .notice {
  margin: 2px 16px 8px;
  padding: 7px 12px;
  border-radius: 8px;
  font-size: 13.5px;
  line-height: 1.35;
}
.raised { background: color-mix(in srgb, var(--low) 16%, transparent); font-weight: 500; }
.notice { background: color-mix(in srgb, var(--high) 16%, transparent); }

nav { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 6px 12px; padding: 2px 12px 6px; }
button, .day span {
  font: inherit;
  color: inherit;
  background: none;
  border: 0;
  padding: 0;
  cursor: pointer;
}
:is(button, .day span):focus-visible { outline: 2px solid var(--primary-color); outline-offset: 1px; }
.ranges { display: inline-flex; gap: 2px; padding: 3px; border-radius: 999px; background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); }
.ranges button {
  min-height: 30px;
  padding: 0 10px;
  border-radius: 999px;
  color: var(--soft);
  font-size: 12.5px;
  font-weight: 500;
  white-space: nowrap;
}
.ranges button[aria-pressed="true"] { background: var(--surface); color: var(--primary-text-color); box-shadow: 0 0 0 1px var(--faint), 0 1px 3px rgb(0 0 0 / 0.16); }
.day { display: inline-flex; align-items: center; gap: 2px; font-size: 13.5px; font-weight: 500; }
.day label { position: relative; }
.day span { display: inline-block; padding: 6px 8px; border-radius: 8px; white-space: nowrap; }
.day input { position: absolute; inset: auto 0 0 0; height: 0; width: 100%; padding: 0; border: 0; opacity: 0; pointer-events: none; }
.day button { display: grid; place-items: center; width: 36px; height: 36px; border-radius: 50%; }
.day button:disabled { opacity: 0.3; cursor: default; }
.day svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }

.strip { order: 3; flex: 1 1 100%; height: 22px; margin: 0 4px; appearance: none; background: none; cursor: pointer; }
.strip::-webkit-slider-runnable-track { height: 4px; border-radius: 2px; background: var(--faint); }
.strip::-moz-range-track { height: 4px; border-radius: 2px; background: var(--faint); }
.strip::-webkit-slider-thumb { appearance: none; width: 18px; height: 12px; margin-top: -4px; border-radius: 6px; background: var(--soft); }
.strip::-moz-range-thumb { width: 18px; height: 12px; border: 0; border-radius: 6px; background: var(--soft); }
.strip:focus-visible { outline: 2px solid var(--primary-color); border-radius: 6px; }
.tip {
  position: absolute;
  z-index: 1;
  max-width: 280px;
  display: grid;
  padding: 8px 12px;
  border-radius: 8px;
  background: var(--surface);
  box-shadow: 0 0 0 1px var(--faint), 0 3px 12px rgb(0 0 0 / 0.22);
  font-size: 13.5px;
  line-height: 1.5;
  pointer-events: none;
}
.tip span { color: var(--soft); }
.tip button { display: none; }
.view { position: relative; flex: 1 1 350px; min-height: 150px; margin: 0 8px 0 6px; }
.plot { position: absolute; inset: 0; direction: ltr; touch-action: pan-y; user-select: none; -webkit-user-select: none; cursor: crosshair; }
.plot svg { display: block; overflow: visible; outline: none; }
.waiting .plot { opacity: 0.4; transition: opacity 0.2s 0.15s; }
.empty {
  position: absolute;
  inset: 0;
  display: grid;
  place-items: center;
  padding: 16px;
  pointer-events: none;
}
.empty p {
  margin: 0;
  padding: 10px 16px;
  border-radius: 12px;
  background: color-mix(in srgb, var(--surface) 88%, transparent);
  text-align: center;
  text-wrap: balance;
  font-size: 14.5px;
  line-height: 1.45;
}

footer { box-sizing: border-box; flex: none; display: grid; align-items: start; min-height: 64px; padding: 6px 16px 12px; font-size: 12.5px; line-height: 1.5; }
.readout, .legend { grid-area: 1 / 1; }
.legend.behind { visibility: hidden; }
.readout strong { font-weight: 600; font-size: 13.5px; margin-inline-end: 4px; }
.readout span { color: var(--soft); }
.readout span::before { content: " · "; }
.readout button { margin-inline-start: 10px; color: var(--primary-color); font-weight: 500; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; color: var(--soft); font-size: 11.5px; }
.legend span { display: inline-flex; align-items: center; gap: 5px; }
.legend span::before { content: ""; flex: none; width: 9px; height: 9px; border-radius: 50%; background: currentColor; }
.legend .low::before { background: var(--low); }
.legend .in::before { background: var(--in); }
.legend .high::before { background: var(--high); }
.legend .very-low::before { background: var(--very-low); }
.legend .very-high::before { background: var(--very-high); }
.legend .live::before { width: 6px; height: 6px; border: 1.8px solid var(--in); background: var(--surface); }
.legend .bolus::before { width: 5px; height: 11px; border-radius: 2px; background: var(--bolus); }
.legend .automatic::before { width: 4px; height: 9px; border-radius: 2px; background: var(--automatic); }
.legend .on-board::before { width: 14px; height: 2.5px; border-radius: 2px; background: var(--on-board); }
.legend .basal::before { width: 12px; height: 8px; border-radius: 0; border-top: 2px solid var(--basal); background: color-mix(in srgb, var(--basal) 22%, transparent); }
.legend .above::before, .legend .below::before { width: 12px; height: 9px; border-radius: 0; }
.legend .above::before { background: color-mix(in srgb, var(--basal) 55%, transparent); }
.legend .below::before { background: color-mix(in srgb, var(--exercise) 38%, transparent); }
.legend .stopped::before { width: 12px; height: 2.5px; border-radius: 0; background: var(--low); }
.legend .carbs::before { width: 14px; height: 9px; border-radius: 5px; background: color-mix(in srgb, var(--eating) 45%, transparent); }
.legend .symbol::before { content: none; }
.legend .symbol svg { width: 11px; height: 11px; overflow: visible; }
.legend .profile::before { width: 14px; height: 0; border-radius: 0; border-top: 2px dashed var(--soft); background: none; }
.legend .median::before { width: 14px; height: 3px; border-radius: 2px; background: var(--in); }
.legend .half::before { border-radius: 2px; background: color-mix(in srgb, var(--bolus) 38%, transparent); }
.legend .most::before { border-radius: 2px; background: color-mix(in srgb, var(--bolus) 16%, transparent); }
.legend .today::before { width: 14px; height: 2.5px; border-radius: 2px; background: var(--primary-text-color); }

text { fill: var(--soft); font-variant-numeric: tabular-nums; }
path, line { fill: none; }
.grid { stroke: var(--faint); stroke-width: 1; }
text.grid { stroke: none; }
.midnight { stroke: color-mix(in srgb, var(--primary-text-color) 32%, transparent); stroke-width: 1; }
.axis .day { fill: var(--primary-text-color); font-weight: 600; }
.ground { stroke: color-mix(in srgb, var(--primary-text-color) 22%, transparent); stroke-width: 1; }
.target .range { fill: color-mix(in srgb, var(--in) 11%, transparent); }
line.limit { stroke: color-mix(in srgb, var(--in) 45%, transparent); stroke-width: 1; }
text.limit { fill: var(--primary-text-color); }
.stop-low { stop-color: var(--low); }
.stop-in { stop-color: var(--in); }
.stop-high { stop-color: var(--high); }
.stop-very-low { stop-color: var(--very-low); }
.stop-very-high { stop-color: var(--very-high); }
.glucose .course { stroke-width: 1.6; stroke-opacity: 0.4; stroke-linejoin: round; }
.glucose .readings { stroke-linecap: round; }

.live circle { fill: var(--surface); stroke-width: 1.8; }

.activities rect.sleep { fill: color-mix(in srgb, var(--sleep) 9%, transparent); }
.activities rect.exercise { fill: color-mix(in srgb, var(--exercise) 13%, transparent); }
.activities rect.eating_soon { fill: color-mix(in srgb, var(--eating) 11%, transparent); }
.activities text { font-size: 0.95em; }
.activities text.sleep { fill: color-mix(in srgb, var(--sleep) 55%, var(--primary-text-color)); }
.activities text.exercise { fill: color-mix(in srgb, var(--exercise) 60%, var(--primary-text-color)); }
.activities text.eating_soon { fill: color-mix(in srgb, var(--eating) 45%, var(--primary-text-color)); }

.on-board .area { fill: color-mix(in srgb, var(--on-board) 11%, transparent); }
.on-board .course { stroke: color-mix(in srgb, var(--on-board) 75%, transparent); stroke-width: 1.4; stroke-linejoin: round; }
.on-board .told { stroke: var(--on-board); stroke-linecap: round; }
.bar { fill: var(--bolus); }
.bar.automatic { fill: var(--automatic); }
rect.bar.extended[fill] { fill: url(#extended); stroke: var(--bolus); stroke-width: 1; }
.bar.in-progress { stroke: var(--bolus); stroke-width: 1.5; stroke-dasharray: 3 3; fill-opacity: 0.55; }
pattern rect.extended { fill: color-mix(in srgb, var(--bolus) 20%, transparent); }
line.extended { stroke: var(--bolus); stroke-width: 1.6; stroke-opacity: 0.75; }
text.amount { fill: var(--primary-text-color); font-weight: 600; paint-order: stroke; stroke: var(--surface); stroke-width: 3px; stroke-linejoin: round; }
text.amount.automatic { fill: var(--soft); font-weight: 400; }
rect.carbs { fill: color-mix(in srgb, var(--eating) 26%, transparent); }
text.carbs { fill: var(--primary-text-color); }

.basal .area { fill: color-mix(in srgb, var(--basal) 20%, transparent); }
.basal .above { fill: color-mix(in srgb, var(--basal) 48%, transparent); }
.basal .below { fill: color-mix(in srgb, var(--exercise) 30%, transparent); }
.basal .stopped { fill: none; stroke: var(--low); stroke-width: 2.5; }
.basal .course { stroke: var(--basal); stroke-width: 1.6; }
.basal .profile { stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 4 3; }
pattern rect.suspended { fill: color-mix(in srgb, var(--low) 12%, transparent); }
line.suspended { stroke: var(--low); stroke-width: 2; stroke-opacity: 0.55; }

pattern rect.unknown { fill: color-mix(in srgb, var(--primary-text-color) 3%, transparent); }
line.unknown { stroke: color-mix(in srgb, var(--primary-text-color) 14%, transparent); stroke-width: 1.5; }
.edge line { stroke: var(--primary-text-color); stroke-opacity: 0.55; stroke-width: 1.2; }
.edge.stale line { stroke: var(--error-color, var(--low)); stroke-opacity: 1; }

.mark { cursor: pointer; outline: none; }
.hit { fill: transparent; stroke: none; }
.mark:is(.chosen, :focus-visible) .hit { stroke: var(--primary-color); stroke-width: 1.5; fill: color-mix(in srgb, var(--primary-color) 12%, transparent); }
.shape { stroke-linejoin: round; stroke-width: 0.25; }
.alarm .shape, .malfunction .shape, .suspension .shape { fill: var(--low); stroke: var(--low); }
.alert .shape { fill: var(--high); stroke: var(--high); }
.cgm_alert .shape { fill: var(--surface); stroke: var(--high); stroke-width: 0.34; }
.site .shape { fill: var(--site); stroke: var(--site); }
.sensor .shape { fill: none; stroke: var(--exercise); stroke-width: 0.34; }
.count { font-size: 0.78em; font-weight: 700; fill: var(--primary-text-color); paint-order: stroke; stroke: var(--surface); stroke-width: 3px; }

.cursor { outline: none; pointer-events: none; }
.cursor line { stroke: transparent; stroke-width: 1.2; }
.cursor circle { fill: transparent; stroke: transparent; stroke-width: 2.5; }
.cursor.shown line { stroke: color-mix(in srgb, var(--primary-text-color) 60%, transparent); }
.cursor.shown circle { fill: var(--surface); stroke: var(--primary-text-color); }
.cursor:focus-visible line { stroke: var(--primary-color); stroke-width: 2; }

.most { fill: color-mix(in srgb, var(--bolus) 15%, transparent); }
.half { fill: color-mix(in srgb, var(--bolus) 24%, transparent); }
.median { stroke-width: 3; stroke-linejoin: round; }
.days .one { stroke: var(--soft); stroke-width: 1; stroke-opacity: 0.3; stroke-linejoin: round; }
.days .today { stroke: var(--primary-text-color); stroke-width: 2; stroke-opacity: 0.9; }
.choosing .days .one { stroke-opacity: 0.14; }
.choosing .days .chosen { stroke: var(--primary-text-color); stroke-width: 2.2; stroke-opacity: 1; }

@container (max-width: 460px) {
  header { padding: 12px 12px 6px; gap: 4px 16px; }
  .values { gap: 4px 18px; }
  .value b { font-size: 19px; }
  .value:is(.glucose, .live) b { font-size: 25px; }
  .values:has(.live) .glucose b { font-size: 19px; }
  .value small { font-size: 11px; }
  .age { margin-inline-start: 0; flex: 1 1 100%; text-align: start; }
  .raised, .notice { margin-inline: 12px; }
  nav { padding-inline: 8px; justify-content: center; }
  .ranges { flex: 1 1 auto; justify-content: space-between; }
  .sums { padding-inline: 12px; }
  .pill { min-height: 30px; }
  .ranges button { min-height: 34px; padding: 0 8px; }
  .day { flex: 1 1 100%; justify-content: center; }
  .day button { width: 44px; height: 40px; }
  .view { margin-inline: 2px; flex-basis: 360px; }
  footer { padding-inline: 12px; min-height: 76px; }
}
@container (min-width: 900px) {
  header { padding: 18px 22px 10px; gap: 6px 40px; }
  .title { font-size: 20px; }
  .values { gap: 6px 44px; }
  .value b { font-size: 28px; }
  .value:is(.glucose, .live) b { font-size: 38px; }
  .values:has(.live) .glucose b { font-size: 28px; }
  .value span { font-size: 15px; }
  .value.glucose span { font-size: 19px; }
  .value small { font-size: 13.5px; }
  .age { font-size: 15px; }
  .pill { font-size: 14.5px; padding: 4px 14px; }
  .sums { padding-inline: 22px; font-size: 14.5px; }
  .raised, .notice { margin-inline: 22px; font-size: 15.5px; }
  nav { padding-inline: 18px; }
  .ranges button { min-height: 38px; padding: 0 18px; font-size: 14.5px; }
  .day { font-size: 16px; }
  .view { flex-basis: 480px; margin-inline: 12px 14px; }
  footer { padding-inline: 22px; font-size: 14.5px; min-height: 72px; }
  .readout strong { font-size: 15.5px; }
  .legend { font-size: 13.5px; }
}
:host([night]) { filter: brightness(0.55) sepia(0.35); --surface: #000; --ha-card-background: #000; --primary-text-color: #e0d0c0; --secondary-text-color: #b0a090; }
:host([short]) :is(.pills, .sums, .legend, .strip), :host([compact]) :is(.title, .age, .pills, .sums, nav, footer, .value.basal) { display: none; }
:host(:is([short], [compact])) .view { flex-basis: 60px; min-height: 60px; }
:host(:is([short], [compact])) .card { position: relative; }
:host([short]) header { padding-block: 8px 4px; }
:host([short]) footer { min-height: 0; padding: 0; }
:host([short]) .readout {
  position: absolute;
  inset: auto 8px 8px;
  z-index: 1;
  padding: 6px 10px;
  border-radius: 8px;
  background: var(--surface);
  box-shadow: 0 0 0 1px var(--faint), 0 2px 8px rgb(0 0 0 / 0.2);
}
:host([compact]) header { padding: 8px 12px 0; flex-wrap: nowrap; }
:host([compact]) .values { flex-wrap: nowrap; gap: 14px; }
:host([compact]) .value b { font-size: 18px; }
:host([compact]) .value:is(.glucose, .live) b { font-size: 22px; }
:host([compact]) .values:has(.live) .glucose { display: none; }
:host([compact]) .value span { font-size: 12px; }
:host([compact]) .value small { font-size: 10.5px; white-space: nowrap; }
:host([compact]) :is(.raised, .notice) { margin: 2px 10px; padding: 2px 8px; font-size: 11.5px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
:host([compact]) .view { margin-block-end: 2px; }
:host([compact]) .empty p { font-size: 12px; padding: 4px 8px; }
@container (max-width: 300px) {
  .ranges { flex-wrap: wrap; border-radius: 18px; }
  .ranges button { padding: 0 6px; min-height: 28px; font-size: 11.5px; }
  .day { font-size: 12px; }
  .day button { width: 32px; height: 32px; }
}
@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; }
}
`;
