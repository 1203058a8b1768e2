"""All long computations run in one thread, which ends with Home Assistant."""

from collections.abc import Callable
from threading import Event, Thread, current_thread, enumerate as threads

import pytest

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.forward import forwarder
from custom_components.tconnectsync.read import pump_data
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.event_store import EventStore
from custom_components.tconnectsync.tandem import client
from homeassistant.core import HomeAssistant
from tests.world import HOUR, World


def of_the_integration() -> list[Thread]:
    """Return the threads that the integration started."""
    return [one for one in threads() if one.name.startswith(DOMAIN)]


@pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")
async def test_everything_is_worked_out_in_the_same_thread(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decoding, storing, deriving and comparing share a thread, so that its free memory exists only once."""
    seen: dict[str, set[Thread]] = {}

    def watch(place: object, name: str) -> None:
        work: Callable[..., object] = getattr(place, name)

        def watched(*arguments: object, **named: object) -> object:
            seen.setdefault(name, set()).add(current_thread())
            return work(*arguments, **named)

        monkeypatch.setattr(place, name, watched)

    watch(client, "read_pump_log")
    watch(EventStore, "add")
    watch(pump_data, "compute_figures")
    watch(forwarder, "changed_from")
    await world.begin()
    world.pump.give_bolus(2.5)
    await world.upload(after=HOUR)
    only = set(of_the_integration())
    assert len(only) == 1
    assert seen == dict.fromkeys(
        ("read_pump_log", "add", "compute_figures", "changed_from"), only
    )


async def test_what_was_begun_is_done_before_home_assistant_ends(
    hass: HomeAssistant,
) -> None:
    """Running work is finished before Home Assistant ends, so that no file is incomplete."""
    store, begun, go_on = AccountStore(hass, "account"), Event(), Event()
    done: list[bool] = []

    def write() -> None:
        begun.set()
        done.append(go_on.wait(10))

    writing = hass.async_create_background_task(store.run(write), "write")
    await hass.async_add_executor_job(begun.wait, 10)
    stopping = hass.async_create_task(hass.async_stop(force=True))
    hass.loop.call_later(0.05, go_on.set)
    await stopping
    assert done == [True]
    assert writing.done()
    assert not of_the_integration()
