// Which range of time this browser last looked at, account by account.

const KEY = "tconnectsync-card-range";

export class RememberedRange {
  /**
   * @param {Record<string, string>} account as a card names it
   * @param {string[]} ranges there are
   * @returns {string | null} null where nothing is remembered
   */
  of(account, ranges) {
    try {
      const range = localStorage.getItem(nameOf(account));
      return range && ranges.includes(range) ? range : null;
    } catch {
      return null;
    }
  }

  /**
   * @param {Record<string, string>} account
   * @param {string} range
   */
  note(account, range) {
    try {
      localStorage.setItem(nameOf(account), range);
    } catch {
      // A browser that keeps nothing begins with the range of the card's options.
    }
  }
}

/** @param {Record<string, string>} account */
const nameOf = (account) => [KEY, ...Object.values(account)].join(".");
