// The colours of the five bands of glucose, for everything that shows one.

/** Those of the theme, and darker or lighter ones with enough contrast for words. */
export const bandColours = `
  --low: var(--red-color, #f44336);
  --in: color-mix(in srgb, var(--green-color, #4caf50) 85%, var(--primary-text-color));
  --very-low: color-mix(in srgb, var(--low) 62%, black);
  --high: var(--amber-color, #ffc107);
  --very-high: var(--deep-orange-color, #ff6f22);
  --high-words: color-mix(in srgb, var(--high) 74%, var(--primary-text-color));
  --very-high-words: color-mix(in srgb, var(--very-high) 85%, var(--primary-text-color));`;
