// How everything looks that comes after the first picture.

export const laterStyles = `
:host {
  --bolus: var(--blue-color, #2196f3);
  --automatic: color-mix(in srgb, var(--cyan-color, #00bcd4) 80%, var(--primary-text-color));
  --basal: var(--light-blue-color, #03a9f4);
  --on-board: var(--purple-color, #926bc7);
  --sleep: var(--indigo-color, #3f51b5);
  --exercise: var(--teal-color, #009688);
  --eating: var(--amber-color, #ffc107);
  --site: color-mix(in srgb, var(--blue-grey-color, #607d8b) 80%, var(--primary-text-color));
}
:host([night]) { filter: brightness(0.55) sepia(0.35); --surface: #000; --ha-card-background: #000; --primary-text-color: #e0d0c0; --secondary-text-color: #b0a090; }
button:focus-visible { outline: 2px solid var(--primary-color); outline-offset: 1px; }
.values:has(.live) :where(.glucose) b { font-size: 22px; }
@container (max-width: 460px) { .values:has(.live) :where(.glucose) b { font-size: 19px; } }
@container (min-width: 900px) { .values:has(.live) :where(.glucose) b { font-size: 28px; } }
.overlaid :is(.strip, .day) { display: none; }
.axis .day { fill: var(--primary-text-color); font-weight: 600; }
.edge.stale line { stroke: var(--error-color, var(--low)); stroke-opacity: 1; }
.empty p { margin: 0; padding: 10px 16px; border-radius: 12px; background: color-mix(in srgb, var(--surface) 88%, transparent); text-align: center; text-wrap: balance; font-size: 14.5px; line-height: 1.45; }
.day { display: inline-flex; align-items: center; gap: 2px; font-size: 13.5px; font-weight: 500; }
.day > div { position: relative; }
.day .name { padding: 6px 8px; border-radius: 8px; white-space: nowrap; }
.day input { position: absolute; inset: auto 0 0 0; height: 0; width: 100%; padding: 0; border: 0; opacity: 0; pointer-events: none; }
.day .step { display: grid; place-items: center; width: 36px; height: 36px; border-radius: 50%; }
.day .step:disabled { opacity: 0.3; cursor: default; }
.day svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }

.strip { order: 3; flex: 1 1 100%; height: 22px; margin: 0 4px; appearance: none; background: none; cursor: pointer; }
.card { -webkit-tap-highlight-color: transparent; }
.plot { user-select: none; -webkit-user-select: none; cursor: crosshair; touch-action: pan-y; }
.plot svg { outline: none; }
.waiting .plot { opacity: 0.4; transition: opacity 0.2s 0.15s; }
.sums { display: flex; flex-wrap: wrap; gap: 0 12px; color: var(--soft); }
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
.readout, .legend { grid-area: 1 / 1; }
.legend.behind { visibility: hidden; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; color: var(--soft); font-size: 11.5px; }
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
.readout strong { font-weight: 600; font-size: 13.5px; margin-inline-end: 4px; }
.readout span { color: var(--soft); }
.readout span::before { content: " · "; }
.readout button { margin-inline-start: 10px; color: var(--primary-color); font-weight: 500; }
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
.on-board .reported { stroke: var(--on-board); stroke-linecap: round; }
.ground { stroke: color-mix(in srgb, var(--primary-text-color) 22%, transparent); stroke-width: 1; }
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
  .sums { padding-inline: 12px; }
  .pill { min-height: 30px; }
  .day { flex: 1 1 100%; justify-content: center; }
  .day .step { width: 44px; height: 40px; }
}
@container (min-width: 900px) {
  .sums { padding-inline: 22px; }
  .pill { font-size: 14.5px; padding: 4px 14px; }
  .day { font-size: 16px; }
  .readout strong { font-size: 15.5px; }
  .legend { font-size: 13.5px; }
}
@container (max-width: 300px) {
  .ranges { flex-wrap: wrap; border-radius: 18px; }
  .ranges button { padding: 0 6px; min-height: 28px; font-size: 11.5px; }
  .day { font-size: 12px; }
  .day .name { padding: 4px 2px; white-space: normal; line-height: 1.25; }
  .day .step { flex: none; width: 32px; height: 32px; }
}
@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; }
}
`;
