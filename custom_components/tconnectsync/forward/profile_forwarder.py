"""Forwarding of the pump's profiles to one Nightscout site."""

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.profiles import update_profiles
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.forwarding_state import SiteProfiles
from custom_components.tconnectsync.tandem import Pump


class ProfileForwarder:
    """Writes the profiles when the pump's settings changed, dated by the first upload that showed the change."""

    def __init__(
        self, client: NightscoutClient, store: AccountStore, address: str, zone: str
    ) -> None:
        """Store the last profiles of an address's site in `store`; the zone is that of the pump's clock."""
        self._client = client
        self._store = store
        self._zone = zone
        self._site = store.state.profiles.sites.setdefault(address, SiteProfiles())

    async def push(self, pump: Pump) -> bool:
        """Write the profiles if they changed; return whether they did.

        Raises any of the errors of nightscout.errors.
        """
        if pump.settings is None or pump.last_upload is None:
            return False
        site = self._site
        state = f"{pump.serial_number} {pump.settings.fingerprint} {self._zone}"
        if site.seen != state or site.since is None:
            site.seen, site.since = state, pump.last_upload
        if site.sent == state:
            return False
        written = await update_profiles(
            self._client,
            pump.settings,
            PumpIdentity(
                serial_number=pump.serial_number,
                model=self._store.state.reading.model(pump.serial_number),
            ),
            units=await self._client.units(),
            zone=self._zone,
            start=site.since,
            predecessors=self._store.event_stores,
        )
        site.sent = state
        return written
