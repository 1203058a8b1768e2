"""An account, with a reader that reads it into a store."""

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.read.account_reader import AccountReader
from custom_components.tconnectsync.read.late_data_reader import LateDataReader
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.tandem import TandemClient, TokenProvider, regions
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from demo.tandem.account import Account, ListedPump
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from tests.conftest import EMAIL, PASSWORD

from .account_reading import NOON, ONE_DAY, MakeReader, pump_in_use


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump that has only delivered basal for eight days, until noon."""
    freezer.move_to(NOON)
    return pump_in_use(NOON - 8 * ONE_DAY, NOON)


@pytest.fixture
def account(tandem: SimulatedTandem) -> Account:
    """The account."""
    return tandem.accounts[EMAIL.lower()]


@pytest.fixture
def listed(account: Account) -> ListedPump:
    """Its pump as Tandem lists it."""
    return next(
        listed for listed in account.pumps if listed.pump.serial_number == "11223344"
    )


@pytest.fixture
def store(hass: HomeAssistant) -> AccountStore:
    """The store of the account."""
    return AccountStore(hass, "account")


@pytest.fixture
def make_reader(
    hass: HomeAssistant, tandem: SimulatedTandem, store: AccountStore
) -> MakeReader:
    """A factory of readers that have signed in before."""

    def make(pinned: str | None = None, first_days: int = 1) -> AccountReader:
        session = async_create_clientsession(hass, cookie_jar=aiohttp.CookieJar())
        tokens = TokenProvider(session, regions()["demo"], EMAIL, PASSWORD)
        return AccountReader(TandemClient(session, tokens), store, pinned, first_days)

    return make


@pytest.fixture
async def reader(make_reader: MakeReader) -> AccountReader:
    """A reader that follows the pump in use."""
    return make_reader()


@pytest.fixture
async def late_data(reader: AccountReader, store: AccountStore) -> LateDataReader:
    """The reader of late data of the last weeks."""
    return LateDataReader(reader, store)
