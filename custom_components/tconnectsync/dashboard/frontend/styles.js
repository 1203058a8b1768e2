// How the card looks at first: the theme's colours, and sizes by its width.

import { bandColours } from "./band_colours.js";

export const styles = `
:host {
  display: block;
  height: 100%;
${bandColours}
  --surface: var(--ha-card-background, var(--card-background-color));
  --soft: var(--secondary-text-color);
  --faint: color-mix(in srgb, var(--primary-text-color) 10%, transparent);
}
:host([panel]) { height: calc(100dvh - var(--header-height, 56px) - 1px); }
[hidden] { display: none !important; }
ha-card { height: 100%; overflow: hidden; }
.card { container-type: inline-size; box-sizing: border-box; height: 100%; display: flex; flex-direction: column; color: var(--primary-text-color); font-family: var(--ha-font-family-body, inherit); }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 24px; padding: 14px 16px 8px; }
.title { flex: 1 1 100%; font-size: 16px; font-weight: 500; }
.values { display: flex; flex-wrap: wrap; align-items: flex-end; gap: 4px 26px; }
.value { display: grid; grid-template-columns: auto 1fr; column-gap: 5px; align-items: baseline; }
.value b { font-size: 22px; line-height: 1.15; font-weight: 500; font-variant-numeric: tabular-nums; }
.value:is(.glucose, .live) b { font-size: 28px; }
.value span { color: var(--soft); font-size: 13px; white-space: nowrap; }
.value:is(.glucose, .live) span { color: var(--primary-text-color); font-size: 15px; }
.value small { grid-column: 1 / -1; color: var(--soft); font-size: 11.5px; line-height: 1.35; }
.value :is(i, em) { font-style: normal; }
.value em { white-space: nowrap; }
.value:is(.low, .very-low) b { color: var(--low); }
.value.in b { color: var(--in); }
.value.high b { color: var(--high-words); }
.value.very-high b { color: var(--very-high-words); }
.age { margin-inline-start: auto; color: var(--soft); font-size: 12.5px; text-align: end; }
button.value { text-align: start; }
.sums { flex: none; box-sizing: border-box; min-height: calc(1.5em + 6px); padding: 0 16px 6px; font-size: 12.5px; line-height: 1.5; }
.raised, .notice { margin: 2px 16px 8px; padding: 7px 12px; border-radius: 8px; font-size: 13.5px; line-height: 1.35; }
.raised { background: color-mix(in srgb, var(--low) 16%, transparent); font-weight: 500; }
.notice { background: color-mix(in srgb, var(--high) 16%, transparent); }

nav { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 6px 12px; padding: 2px 12px 6px; }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
.ranges { display: inline-flex; gap: 2px; padding: 3px; border-radius: 999px; background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); }
.ranges button { min-height: 30px; padding: 0 10px; border-radius: 999px; color: var(--soft); font-size: 12.5px; font-weight: 500; white-space: nowrap; }
.ranges button[aria-pressed="true"] { background: var(--surface); color: var(--primary-text-color); box-shadow: 0 0 0 1px var(--faint), 0 1px 3px rgb(0 0 0 / 0.16); }
.coming:not(.overlaid) { min-height: 64px; }
.view { position: relative; flex: 1 1 350px; min-height: 150px; margin: 0 8px 0 6px; }
.plot { position: absolute; inset: 0; direction: ltr; }
.plot svg { display: block; overflow: visible; }
.empty { position: absolute; inset: 0; display: grid; place-items: center; padding: 16px; pointer-events: none; }

footer { box-sizing: border-box; flex: none; display: grid; align-items: start; min-height: 64px; padding: 6px 16px 12px; font-size: 12.5px; line-height: 1.5; }
text { fill: var(--soft); font-variant-numeric: tabular-nums; }
path, line { fill: none; }
.grid { stroke: var(--faint); stroke-width: 1; }
text.grid { stroke: none; }
.midnight { stroke: color-mix(in srgb, var(--primary-text-color) 32%, transparent); stroke-width: 1; }
.target .range { fill: color-mix(in srgb, var(--in) 11%, transparent); }
line.limit { stroke: color-mix(in srgb, var(--in) 45%, transparent); stroke-width: 1; }
text.limit { fill: var(--primary-text-color); }
.glucose .course { stroke-width: 1.6; stroke-opacity: 0.4; stroke-linejoin: round; }
.glucose .readings { stroke-linecap: round; }

pattern rect.unknown { fill: color-mix(in srgb, var(--primary-text-color) 3%, transparent); }
line.unknown { stroke: color-mix(in srgb, var(--primary-text-color) 14%, transparent); stroke-width: 1.5; }
.edge line { stroke: var(--primary-text-color); stroke-opacity: 0.55; stroke-width: 1.2; }

@container (max-width: 460px) {
  header { padding: 12px 12px 6px; gap: 4px 16px; }
  .values { gap: 4px 18px; }
  .value b { font-size: 19px; }
  .value:is(.glucose, .live) b { font-size: 25px; }
  .value small { font-size: 11px; }
  .age { margin-inline-start: 0; flex: 1 1 100%; text-align: start; }
  .raised, .notice { margin-inline: 12px; }
  nav { padding-inline: 8px; justify-content: center; }
  .ranges { flex: 1 1 auto; justify-content: space-between; }
  .ranges button { min-height: 34px; padding: 0 8px; }
  .coming:not(.overlaid) { min-height: 114px; }
  .view { margin-inline: 2px; flex-basis: 360px; }
  footer { padding-inline: 12px; min-height: 76px; }
}
@container (min-width: 900px) {
  header { padding: 18px 22px 10px; gap: 6px 40px; }
  .title { font-size: 20px; }
  .values { gap: 6px 44px; }
  .value b { font-size: 28px; }
  .value:is(.glucose, .live) b { font-size: 38px; }
  .value span { font-size: 15px; }
  .value.glucose span { font-size: 19px; }
  .value small { font-size: 13.5px; }
  .age { font-size: 15px; }
  .sums { font-size: 14.5px; }
  .raised, .notice { margin-inline: 22px; font-size: 15.5px; }
  nav { padding-inline: 18px; }
  .coming:not(.overlaid) { min-height: 72px; }
  .ranges button { min-height: 38px; padding: 0 18px; font-size: 14.5px; }
  .view { flex-basis: 480px; margin-inline: 12px 14px; }
  footer { padding-inline: 22px; font-size: 14.5px; min-height: 72px; }
}
`;
