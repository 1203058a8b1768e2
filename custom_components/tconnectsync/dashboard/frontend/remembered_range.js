// Which range this browser last looked at, by account and by the range with which a card begins.

/** @returns null where nothing is remembered */
export function rememberedRange(options) {
  try {
    const range = localStorage.getItem(nameOf(options));
    return options.ranges.includes(range) ? range : null;
  } catch {
    return null;
  }
}

export function rememberRange(options, range) {
  try {
    localStorage.setItem(nameOf(options), range);
  } catch {
    // A browser that keeps nothing begins with the range of the card's options.
  }
}

const nameOf = ({ account, range }) => ["tconnectsync-card-range", ...Object.values(account), range].join(".");
