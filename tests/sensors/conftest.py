"""The pump for tests of sensors."""

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from tests.entity_states import quiet_pump


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump."""
    return quiet_pump(freezer)
