"""Keeps the profiles at one Nightscout site in step with the pump's."""

from datetime import datetime

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.profiles import update_profiles
from custom_components.tconnectsync.storage.account_state import ProfileNotes
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.tandem import Pump


class Profiles:
    """Writes the profiles whenever the pump's settings changed, dated by the first upload that showed it."""

    def __init__(
        self, client: NightscoutClient, store: AccountStore, address: str, zone: str
    ) -> None:
        """Note in the account's notes what this site was given; the zone is the pump clock's."""
        self._client = client
        self._store = store
        self._address = address
        self._zone = zone

    async def push(self, pump: Pump) -> bool:
        """Write what changed; tell whether anything had.

        Raises any of the errors of nightscout.errors.
        """
        if pump.settings is None or pump.last_upload is None:
            return False
        notes = self._notes
        state = f"{pump.serial_number} {pump.settings.fingerprint} {self._zone}"
        if notes.get("seen") != state:
            notes["seen"] = state
            notes["since"] = pump.last_upload.isoformat()
        if notes.get("sent") == state:
            return False
        written = await update_profiles(
            self._client,
            pump.settings,
            PumpIdentity(serial_number=pump.serial_number, model=pump.model),
            units=await self._client.units(),
            zone=self._zone,
            start=datetime.fromisoformat(notes["since"]),
            predecessors=self._store.pumps,
        )
        notes["sent"] = state
        return written

    @property
    def _notes(self) -> ProfileNotes:
        by_address = self._store.notes.setdefault("profiles", {})
        return by_address.setdefault(self._address, {})
