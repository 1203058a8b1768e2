// Which accounts there are, asked once for everything on a page.

const KEPT = 60_000;

/** @type {WeakMap<object, {at: number, accounts: Promise<any[]>}>} */
const asked = new WeakMap();

/**
 * @typedef {{config_entry_id: string, device_id: string, name: string, statistics: string,
 *   live_glucose: string | null, low_mg_dl: number, high_mg_dl: number, stale_after_minutes: number,
 *   skew: number}} Account with how far Home Assistant's clock is ahead of this page's, in milliseconds
 * @param {Hass} hass
 * @returns {Promise<Account[]>} none where the integration is not there
 */
export function accountsOf(hass) {
  const known = asked.get(hass.connection);
  if (known && Date.now() - known.at < KEPT) return known.accounts;
  const accounts = hass.connection
    .sendMessagePromise({ type: "tconnectsync/accounts" })
    .then((found) => found.map((/** @type {any} */ one) => ({ ...one, skew: Date.parse(one.now) - Date.now() })))
    .catch(() => []);
  asked.set(hass.connection, { at: Date.now(), accounts });
  return accounts;
}

/**
 * The account of a device, or the only one.
 * @param {Hass} hass
 * @param {string | undefined} device
 * @returns {Promise<Account | null>}
 */
export async function accountOf(hass, device) {
  const accounts = await accountsOf(hass);
  if (device) return accounts.find((account) => account.device_id === device) ?? null;
  return accounts.length === 1 ? accounts[0] : null;
}
