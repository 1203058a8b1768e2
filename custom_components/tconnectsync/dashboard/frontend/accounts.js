// Which accounts there are, asked once for everything on a page.

/** Less than a minute: who asks each minute gets an answer of now. */
const KEPT = 50_000;

/** @type {WeakMap<object, {at: number, accounts: Promise<any[]>}>} */
const asked = new WeakMap();

/**
 * @typedef {{config_entry_id: string, device_id: string, name: string, statistics: string,
 *   live_glucose: string | null, low_mg_dl: number, high_mg_dl: number, stale_after_minutes: number,
 *   skew: number}} Account with how far Home Assistant's clock is ahead of this page's, in milliseconds
 * @param {Hass} hass
 * @returns {Promise<Account[]>} rejected where Home Assistant cannot be asked, or does not know the question (yet)
 */
export function accountsOf(hass) {
  const known = asked.get(hass.connection);
  if (known && Date.now() - known.at < KEPT) return known.accounts;
  const at = Date.now();
  const accounts = hass.connection
    .sendMessagePromise({ type: "tconnectsync/accounts" })
    // Reckoned from the question on: an answer that waited while the page slept makes nothing look newer.
    .then((found) => found.map((/** @type {any} */ one) => ({ ...one, skew: Date.parse(one.now) - at })));
  asked.set(hass.connection, { at, accounts });
  accounts.catch(() => asked.delete(hass.connection));
  return accounts;
}

/**
 * The account of a device, or the only one.
 * @param {Hass} hass
 * @param {string | undefined} device
 * @returns {Promise<Account | null>} rejected as that of all accounts
 */
export async function accountOf(hass, device) {
  const accounts = await accountsOf(hass);
  if (device) return accounts.find((account) => account.device_id === device) ?? null;
  return accounts.length === 1 ? accounts[0] : null;
}
