// Which range this browser last looked at, account by account.

/** @returns null where nothing is remembered */
export function rememberedRange(account, ranges) {
  try {
    const range = localStorage.getItem(nameOf(account));
    return range && ranges.includes(range) ? range : null;
  } catch {
    return null;
  }
}

export function rememberRange(account, range) {
  try {
    localStorage.setItem(nameOf(account), range);
  } catch {
    // A browser that keeps nothing begins with the range of the card's options.
  }
}

const nameOf = (account) => ["tconnectsync-card-range", ...Object.values(account)].join(".");
