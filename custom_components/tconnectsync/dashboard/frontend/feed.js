// The subscription that brings the records, begun anew for another span of time.

const DOMAIN = "tconnectsync";

export class Feed {
  /** @param tell called with each answer, its records kept from the one before if need be */
  constructor(tell, fail) {
    this._tell = tell;
    this._fail = fail;
    this._connection = this._config = this._running = this._run = this._end = null;
    /** With which configuration of Home Assistant it was refused, or null. */
    this._refused = null;
    this._skew = 0;
    // A new connection gives the old one's numbers to others: what is gone is forgotten, not ended.
    this._again = () => {
      this._end = null;
      this._start();
    };
  }

  /** Have this span of time sent from now on; whether that means to wait for an answer. */
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
    this._config = hass.config;
    if (this._running && covers(this._running, wanted)) {
      // Home Assistant may not have known the command before, while it was starting.
      if (this._refused && this._refused !== hass.config) this._start();
      return false;
    }
    this._leave();
    this._running = wanted;
    this._start();
    return true;
  }

  /** The time by Home Assistant's clock: a tablet's may be wrong. */
  now() {
    return Date.now() + this._skew;
  }

  /** Ask once more for what was refused. */
  retry() {
    if (this._refused) this._start();
  }

  /** Have nothing sent any more. */
  stop() {
    this._leave();
    this._connection?.removeEventListener("ready", this._again);
    this._connection = null;
  }

  _leave() {
    this._end?.();
    this._end = this._running = this._run = this._refused = null;
  }

  async _start() {
    if (!this._running) return;
    const run = (this._run = {});
    const config = this._config;
    this._refused = null;
    const { account, start, end, kinds } = this._running;
    const message = {
      type: `${DOMAIN}/subscribe_history`,
      ...account,
      start: new Date(start).toISOString(),
      columns: true,
      ...(end ? { end: new Date(end).toISOString() } : {}),
      ...(kinds ? { kinds } : {}),
    };
    let records;
    let skew = -Infinity;
    const take = (answer) => {
      if (run !== this._run) return;
      // An answer that waited while the page slept would set the clock back.
      this._skew = skew = Math.max(skew, Date.parse(answer.now) - Date.now());
      records = answer.records ?? records;
      this._tell({ ...answer, records });
    };
    try {
      // Asked again by hand on a new connection: Home Assistant may not know the command yet.
      const unsubscribe = await this._connection.subscribeMessage(take, message, { resubscribe: false });
      const stop = () => unsubscribe().catch(() => {});
      if (run === this._run) this._end = stop;
      else stop();
    } catch (error) {
      if (run !== this._run) return;
      this._refused = config;
      this._fail(error);
    }
  }
}

const covers = (running, wanted) =>
  JSON.stringify(running.account) === JSON.stringify(wanted.account) &&
  String(running.kinds) === String(wanted.kinds) &&
  running.end === wanted.end &&
  running.start <= wanted.start &&
  wanted.start - running.start <= wanted.slack;
