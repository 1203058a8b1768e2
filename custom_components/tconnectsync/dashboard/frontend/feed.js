// The subscription that brings the records: begun anew when another stretch of time is wanted.

const DOMAIN = "tconnectsync";

/**
 * @typedef {{account: Record<string, string>, start: number, end: number | null, kinds?: string[],
 *   slack: number}} Wanted `slack`: how much earlier a running subscription may begin than is wanted
 */

export class Feed {
  /**
   * @param {(answer: any) => void} tell called with each answer, its records kept from the one before if need be
   * @param {(error: any) => void} fail
   */
  constructor(tell, fail) {
    this._tell = tell;
    this._fail = fail;
    /** @type {any} */
    this._connection = null;
    /** @type {Wanted | null} */
    this._running = null;
    /** @type {object | null} */
    this._run = null;
    /** @type {(() => void) | null} */
    this._end = null;
    // A new connection gives the old one's numbers to others: what is gone is forgotten, not ended.
    this._again = () => {
      this._end = null;
      this._start();
    };
  }

  /**
   * Have this stretch of time told from now on; whether that means to wait for an answer.
   * @param {any} hass
   * @param {Wanted} wanted
   * @returns {boolean}
   */
  want(hass, wanted) {
    if (hass.connection !== this._connection) {
      this.stop();
      this._connection = hass.connection;
      this._connection.addEventListener("ready", this._again);
    }
    if (!hass.config.components.includes(DOMAIN)) {
      this._leave();
      this._fail({ code: "unknown_command" });
      return false;
    }
    if (this._running && covers(this._running, wanted)) return false;
    this._leave();
    this._running = wanted;
    this._start();
    return true;
  }

  /** Have nothing told any more. */
  stop() {
    this._leave();
    this._connection?.removeEventListener("ready", this._again);
    this._connection = null;
  }

  _leave() {
    this._end?.();
    this._end = null;
    this._running = null;
    this._run = null;
  }

  _start() {
    const wanted = this._running;
    if (!wanted) return;
    const run = (this._run = {});
    const { account, start, end, kinds } = wanted;
    const message = {
      type: `${DOMAIN}/subscribe_history`,
      ...account,
      start: new Date(start).toISOString(),
      columns: true,
      ...(end ? { end: new Date(end).toISOString() } : {}),
      ...(kinds ? { kinds } : {}),
    };
    /** @type {any} */
    let records;
    const told = (/** @type {any} */ answer) => {
      if (run !== this._run) return;
      records = answer.records ?? records;
      this._tell({ ...answer, records });
    };
    // Begun anew by hand on a new connection: Home Assistant may not know the command again yet.
    this._connection.subscribeMessage(told, message, { resubscribe: false }).then(
      (/** @type {() => Promise<void>} */ unsubscribe) => {
        const end = () => unsubscribe().catch(() => {});
        if (run === this._run) this._end = end;
        else end();
      },
      (/** @type {any} */ error) => {
        if (run === this._run) this._fail(error);
      },
    );
  }
}

/**
 * @param {Wanted} running
 * @param {Wanted} wanted
 */
const covers = (running, wanted) =>
  JSON.stringify(running.account) === JSON.stringify(wanted.account) &&
  String(running.kinds) === String(wanted.kinds) &&
  running.end === wanted.end &&
  running.start <= wanted.start &&
  wanted.start - running.start <= wanted.slack;
