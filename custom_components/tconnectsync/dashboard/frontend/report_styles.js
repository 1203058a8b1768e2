// How the report looks, on a dashboard and on paper.

/** On paper there is no theme. */
const paperColours = `
  --very-low: #b2182b;
  --low: #ef6548;
  --in: #3f9b4f;
  --high: #f2b632;
  --very-high: #e07b1a;`;

export const reportStyles = `
:host, .paper {
  display: block;
${paperColours}
  --ink: var(--primary-text-color, #212121);
  --soft: var(--secondary-text-color, #616161);
  --median: color-mix(in srgb, #1c5c8a 45%, var(--ink));
  --line: color-mix(in srgb, var(--ink) 18%, transparent);
  color: var(--ink);
  font-family: var(--ha-font-family-body, Roboto, "Noto Sans", Arial, sans-serif);
  font-size: 14px;
  line-height: 1.4;
}
nav { display: flex; flex-wrap: wrap; gap: 8px; padding: 12px 16px 0; }
nav button { font: inherit; color: inherit; padding: 8px 14px; border: 1px solid var(--line); border-radius: 999px; background: none; cursor: pointer; }
nav button[aria-pressed="true"] { background: color-mix(in srgb, var(--primary-color, #03a9f4) 22%, transparent); }
nav button:disabled { opacity: .5; cursor: default; }
nav .print { margin-inline-start: auto; }
.words { padding: 16px; min-height: 80px; }
progress { display: block; width: 100%; margin-top: 12px; }
article { padding: 12px 16px 16px; container-type: inline-size; }
h2 { margin: 0; font-size: 20px; font-weight: 500; }
h3 { margin: 0 0 6px; font-size: 15px; font-weight: 500; }
h3 small { margin-inline-start: 10px; font-weight: 400; }
p { margin: 0; }
.soft, small { color: var(--soft); font-size: 12px; }
section { margin-top: 18px; break-inside: avoid; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 18px 28px; align-items: start; }
.below { margin-top: 14px; }
@container (max-width: 560px) { .pair { grid-template-columns: 1fr; } }
.footnote { margin-top: 14px; }
table { width: 100%; border-collapse: collapse; color: inherit; font: inherit; font-variant-numeric: tabular-nums; }
td { padding: 3px 0; border-bottom: 1px solid var(--line); }
td:last-child { text-align: end; white-space: nowrap; }
td small { display: block; line-height: 1.3; }
.bands { display: grid; grid-template-columns: 44px 1fr; gap: 14px; min-height: 190px; }
.bands td > span small { margin-inline-start: 16px; }
.stack { display: flex; flex-direction: column; border-radius: 4px; overflow: hidden; gap: 1px; }
.very_high { background: var(--very-high); }
.high { background: var(--high); }
.in_range { background: var(--in); }
.low { background: var(--low); }
.very_low { background: var(--very-low); }
i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-inline-end: 6px; }
svg { display: block; box-sizing: border-box; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--soft); font-size: 11px; }
.days { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); gap: 10px 8px; padding-inline-end: 1px; }
@container (max-width: 560px) { .days { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
.sums span { display: inline-block; white-space: nowrap; margin-inline-end: 6px; }
.day { break-inside: avoid; font-size: 10.5px; line-height: 1.3; color: var(--soft); }
.day b { color: var(--ink); font-weight: 500; }
.day svg { border: 1px solid var(--line); border-radius: 3px; margin: 2px 0; }
.note { color: color-mix(in srgb, var(--low) 60%, var(--ink)); font-size: 13px; margin-top: 6px; }
@page { margin: 10mm; }
.paper { margin: 0; color: #000; --ink: #000; --soft: #444; --median: #0c3c60; background: #fff; print-color-adjust: exact; -webkit-print-color-adjust: exact; font-size: 11px; line-height: 1.3; }
.paper article { padding: 0; }
.paper h2 { font-size: 17px; }
.paper h3 { margin-bottom: 3px; font-size: 13px; }
.paper .soft, .paper small { font-size: 10px; }
.paper td { padding: 2px 0; }
.paper .bands { min-height: 140px; }
.paper section { margin-top: 9px; }
.paper .below { margin-top: 8px; }
.paper .days { gap: 6px 8px; }
.paper .day { font-size: 9.5px; }
.paper .footnote { margin-top: 8px; }
.paper section.breaks { break-inside: auto; }
`;
