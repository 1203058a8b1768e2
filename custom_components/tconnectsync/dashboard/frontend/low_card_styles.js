// How a card looks that has little height: what has no room is left out.

export const lowCardStyles = `
:host([short]) :is(.pills, .sums, .legend, .strip), :host([compact]) :is(.title, .age, .pills, .sums, nav, footer, .value.basal:not(.suspended)) { display: none; }
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
  :host([short]) header { padding-inline: 10px; gap: 2px 10px; }
  :host([short]) :is(.title, .age, .value.basal:not(.suspended)) { display: none; }
  :host(:is([short], [compact])) .values { flex-wrap: nowrap; align-items: baseline; gap: 12px; }
  :host([short]) .value:is(.glucose, .live) b { font-size: 22px; }
  :host([short]) .values:has(.live) .glucose { display: none; }
  :host(:is([short], [compact])) .value small { white-space: normal; }
}
@container (max-width: 220px) {
  :host(:is([short], [compact])) .value i { position: absolute; width: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  :host([compact]) header { padding-inline: 10px; }
}
`;
