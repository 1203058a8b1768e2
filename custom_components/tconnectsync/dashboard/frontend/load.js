// Parts that are loaded when they are wanted, over bad lines too.

/** Between one attempt and the next, in milliseconds. */
const PAUSES = [400, 1600, 6400];

/** Load a part; what does not come is asked for again, a few times. */
export async function load(importing) {
  for (const pause of PAUSES) {
    try {
      return await importing();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return importing();
}

/** The parts of a card, each loaded when it is first asked for. */
export class Parts {
  /** @param changed called when a part has come, or does not come */
  constructor(changed) {
    this._changed = changed;
    this._found = new Map();
    this._failed = new Set();
  }

  /** Whether something is not there because it could not be loaded. */
  get isMissing() {
    return this._failed.size > 0;
  }

  /**
   * A part, undefined until it has come.
   * @param importing always the same function for the same part
   */
  get(importing) {
    if (!this._found.has(importing)) this._load(importing);
    return this._found.get(importing);
  }

  /** Try again what could not be loaded. */
  retry() {
    for (const importing of this._failed) this._load(importing);
  }

  async _load(importing) {
    this._found.set(importing, undefined);
    try {
      this._found.set(importing, await load(importing));
      this._failed.delete(importing);
    } catch {
      this._failed.add(importing);
    }
    this._changed();
  }
}
