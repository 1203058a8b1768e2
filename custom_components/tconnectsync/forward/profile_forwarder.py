"""Keeps the profiles at one Nightscout site in step with the pump's."""

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.profiles import update_profiles
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.forwarding_state import SiteProfiles
from custom_components.tconnectsync.tandem import Pump


class ProfileForwarder:
    """Writes the profiles whenever the pump's settings changed, dated by the first upload that showed it."""

    def __init__(
        self, client: NightscoutClient, store: AccountStore, address: str, zone: str
    ) -> None:
        """Note in this store what the site of an address was given; the zone is the pump clock's."""
        self._client = client
        self._store = store
        self._zone = zone
        self._given = store.state.profiles.sites.setdefault(address, SiteProfiles())

    async def push(self, pump: Pump) -> bool:
        """Write what changed; return whether anything had.

        Raises any of the errors of nightscout.errors.
        """
        if pump.settings is None or pump.last_upload is None:
            return False
        given = self._given
        state = f"{pump.serial_number} {pump.settings.fingerprint} {self._zone}"
        if given.seen != state or given.since is None:
            given.seen, given.since = state, pump.last_upload
        if given.sent == state:
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
            start=given.since,
            predecessors=self._store.event_stores,
        )
        given.sent = state
        return written
