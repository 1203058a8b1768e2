// Parts that are loaded when they are wanted, over bad lines too.

/** Between one attempt and the next, in milliseconds. */
const PAUSES = [400, 1600, 6400];

/**
 * Load a part; what does not come is asked for again, a few times.
 * @template T
 * @param {() => Promise<T>} importing
 * @returns {Promise<T>}
 */
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

/**
 * The parts of a card, each loaded when it is first asked for.
 * @template {Record<string, () => Promise<any>>} T
 */
export class Parts {
  /**
   * @param {T} importing of each part by its name
   * @param {() => void} changed called when a part has come, or does not come
   */
  constructor(importing, changed) {
    this._importing = importing;
    this._changed = changed;
    /** @type {Partial<{[name in keyof T]: Awaited<ReturnType<T[name]>>}>} */
    this._found = {};
    /** @type {Set<keyof T>} */
    this._asked = new Set();
    /** @type {Set<keyof T>} */
    this._failed = new Set();
  }

  /** Whether something of the card is not there because it could not be loaded. */
  get isMissing() {
    return this._failed.size > 0;
  }

  /**
   * A part, undefined until it has come.
   * @template {keyof T} K
   * @param {K} name
   */
  get(name) {
    if (!this._asked.has(name)) this._load(name);
    return this._found[name];
  }

  /** Try again what could not be loaded. */
  retry() {
    for (const name of this._failed) this._load(name);
  }

  /** @param {keyof T} name */
  async _load(name) {
    this._asked.add(name);
    try {
      this._found[name] = await load(this._importing[name]);
      this._failed.delete(name);
    } catch {
      this._failed.add(name);
    }
    this._changed();
  }
}
