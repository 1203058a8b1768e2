"""The state of an account: each part is restored as it was, or starts empty on its own."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.storage.account_state import (
    AccountState,
    FiredState,
    PumperState,
    PumpsUsedState,
    ReplacementState,
    SignInState,
    with_checksum,
)
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.storage.backfill_state import (
    BackfillState,
    UnfinishedBackfill,
)
from custom_components.tconnectsync.storage.fired_triggers import (
    FiredTrigger,
    FiredTriggers,
)
from custom_components.tconnectsync.storage.forwarding_state import (
    ForwardingState,
    PendingState,
    ProfilesState,
    SiteProfiles,
    SiteState,
)
from custom_components.tconnectsync.storage.read_progress import (
    PumpReadProgress,
    ReadingState,
)
from custom_components.tconnectsync.storage.state_migration import (
    migrated_from_1,
    with_fired_triggers,
    with_sites,
)
from custom_components.tconnectsync.tandem import Token
from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_bytes
from tests.damage import damaged

FIRST_VERSION = Path(__file__).parent.parent / "fixtures/storage/version_1"
SECOND_VERSION = FIRST_VERSION.with_name("version_2")
NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)
TODAY = NOON.date()
FULL = AccountState(
    sign_in=SignInState(
        Token(
            access_token="a.b.c",
            expires_at=NOON,
            pumper_id="1",
            account_id="2",
            cookies=("a=b",),
        )
    ),
    pumper=PumperState({"pumps": [{"serialNumber": "11223344"}]}),
    reading=ReadingState(
        {
            "11223344": PumpReadProgress(
                model="t:slim X2",
                last_complete_upload=(NOON.isoformat(), None, "3700ae15bf7cdb8f"),
                complete_from=TODAY - timedelta(days=28),
                last_upload=NOON,
                late_data_read_at=NOON,
                clock_changes=[[13, 0, 7, "2026-05-14T11:00:00", {"timeBefore": 1}]],
            ),
            "44332211": PumpReadProgress(complete_from_next=TODAY, read_at=NOON),
        }
    ),
    pumps_used=PumpsUsedState(["11223344", "44332211"]),
    replacement=ReplacementState("Mobi"),
    news=FiredState({"11223344:alarm:0-7": NOON}),
    forwarding=ForwardingState(
        starts={"0123456789abcdef": {"basal": TODAY}},
        last_sync=NOON,
        sent=7,
        sites={
            "0123456789abcdef": SiteState(
                behind=TODAY, in_step_until=TODAY, pending=PendingState(TODAY)
            )
        },
        address="0123456789abcdef",
    ),
    profiles=ProfilesState(
        {"0123456789abcdef": SiteProfiles(seen="a", since=NOON, sent="b")}
    ),
    pending=PendingState(TODAY),
    backfill=BackfillState(
        UnfinishedBackfill(
            first=TODAY - 9 * ONE_DAY,
            last=TODAY,
            features=frozenset({Feature.BASAL, Feature.BOLUS}),
            enabled=frozenset({Feature.BASAL, Feature.CGM}),
            resend=True,
            next=TODAY - 3 * ONE_DAY,
            address="0123456789abcdef",
        )
    ),
    fired_triggers=FiredTriggers(
        {
            "site_due {}": FiredTrigger(NOON, {"11223344:site:0-7": NOON}),
            "no_bolus {}": FiredTrigger(NOON),
        }
    ),
)

BACKFILL = {
    "first": (TODAY - 9 * ONE_DAY).isoformat(),
    "last": (TODAY - 2 * ONE_DAY).isoformat(),
    "features": ["basal"],
    "enabled": ["basal"],
    "resend": False,
    "next": (TODAY - 1 * ONE_DAY).isoformat(),
    "address": None,
}
"""A backfill that sent every day but is not yet marked as done."""

OWNER_OF = {
    "token": "sign_in",
    "pumper": "pumper",
    "pumps": "reading",
    "worn": "pumps_used",
    "told": "news",
    "starts": "forwarding",
    "forwarded": "forwarding",
    "behind": "forwarding",
    "profiles": "profiles",
    "owed_from": "pending",
}
"""The part of the state that takes over each note of the first version."""
OWNERS = sorted(owner.name for owner in fields(AccountState))
NOTES = sorted(OWNER_OF)


def kept(state: AccountState) -> Any:
    """Return a state as it is read back from a file."""
    return json.loads(json_bytes(state.to_json()))


def test_everything_comes_back() -> None:
    """Each part is restored, and a part that was never used is not written."""
    assert AccountState.from_json(kept(FULL)) == FULL
    assert kept(AccountState()) == {}
    assert AccountState.from_json({}) == AccountState()
    begun = {
        owner
        for owner in OWNERS
        if getattr(FULL, owner) != getattr(AccountState(), owner)
    }
    assert sorted(begun) == OWNERS, "what has not begun proves nothing below"


@given(seed=st.integers(0, 2**32), owner=st.sampled_from(OWNERS))
def test_what_is_damaged_costs_its_owner_alone(seed: int, owner: str) -> None:
    """Damage in one part leaves all other parts as they were."""
    content = kept(FULL)
    content[owner] = damaged(content[owner], seed)
    found = AccountState.from_json(content)
    setattr(found, owner, getattr(FULL, owner))
    assert found == FULL


@given(seed=st.integers(0, 2**32), owner=st.sampled_from(OWNERS))
def test_what_is_changed_is_not_believed(seed: int, owner: str) -> None:
    """A changed part is dropped; a wrong but possible day would have missing days compared."""
    content = kept(FULL)
    content[owner]["state"] = damaged(content[owner]["state"], seed)
    if content[owner] == kept(FULL)[owner]:
        return
    found = getattr(AccountState.from_json(content), owner)
    assert found == type(found)()


@pytest.mark.parametrize(
    ("owner", "state"),
    [
        ("sign_in", {"access_token": "a", "expires_at": "now"}),
        ("pumper", ["11223344"]),
        ("reading", []),
        ("reading", {"11223344": {"clock_changes": [[13]]}}),
        ("reading", {"11223344": {"clock_changes": [], "read_from": "0001-01-01"}}),
        ("reading", {"11223344": {"clock_changes": [], "swept": "2026-05-14T12:00"}}),
        ("reading", {"11223344": {"clock_changes": [], "complete": ["a"]}}),
        ("pumps_used", "11223344"),
        ("pumps_used", [11223344]),
        ("replacement", 7),
        ("news", {"11223344:alarm:0-7": "9999-12-31T23:59:59+00:00"}),
        ("forwarding", {"starts": {"a": ["basal"]}, "sent": 0}),
        ("forwarding", {"starts": {}, "sent": -1}),
        ("forwarding", {"starts": {}, "sent": True}),
        ("profiles", {"0123456789abcdef": {"since": 7}}),
        ("pending", 7),
        ("backfill", BACKFILL | {"next": TODAY.isoformat()}),
        ("backfill", BACKFILL | {"features": ["unheard of"]}),
        ("backfill", BACKFILL | {"enabled": ["unheard of"]}),
        ("backfill", BACKFILL | {"first": None}),
        ("fired_triggers", ["site_due {}"]),
        ("fired_triggers", {"site_due {}": {"judged": NOON.isoformat()}}),
        ("fired_triggers", {"site_due {}": {"judged": "now", "fired": {}}}),
    ],
)
def test_what_is_of_the_wrong_kind_is_lost(
    owner: str, state: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """With or without a valid checksum the log names the part, and none of its content."""
    found = AccountState.from_json(kept(FULL) | {owner: with_checksum(state)})
    lost = getattr(found, owner)
    assert lost == type(lost)()
    assert caplog.messages == [
        f"The stored state of {owner} is damaged and was dropped"
    ]
    setattr(found, owner, getattr(FULL, owner))
    assert found == FULL


def file_of(hass: HomeAssistant) -> Path:
    """Return the file that stores the state of an account."""
    folder = Path(hass.config.path(".storage", "tconnectsync", "an entry"))
    return folder / "account.json"


async def loaded(hass: HomeAssistant, content: str) -> AccountStore:
    """Return the store of an account whose state was stored as this file."""
    file_of(hass).parent.mkdir(parents=True)
    file_of(hass).write_text(content)
    store = AccountStore(hass, "an entry")
    await store.async_load()
    return store


async def test_what_the_second_version_kept_is_taken_over(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """A file written by Home Assistant's own store is read, and read again after this version wrote it."""
    content = (SECOND_VERSION / "account.json").read_text()
    store = await loaded(hass, content)
    assert store.state.to_json().keys() == kept(FULL).keys() - {
        "backfill",
        "replacement",
    }
    data = json.loads(content)["data"]
    data["fired_triggers"] = data.pop("watches")
    assert store.state.forwarding.sites
    assert store.state == AccountState.from_json(with_sites(data))
    store.state.forwarding.sent += 1
    await store.async_save()
    again = AccountStore(hass, "an entry")
    await again.async_load()
    assert again.state == store.state
    assert file_of(hass).stat().st_size < len(content) * 0.8
    assert "damaged" not in caplog.text


def test_what_fired_is_kept_under_its_new_name() -> None:
    """Files with the old and the new name are both read, and a state of the wrong shape is refused."""
    assert with_fired_triggers({"watches": 1, "news": 2}) == {
        "fired_triggers": 1,
        "news": 2,
    }
    assert with_fired_triggers({"fired_triggers": 1}) == {"fired_triggers": 1}
    with pytest.raises(TypeError):
        with_fired_triggers([])


def test_what_is_behind_is_kept_by_address() -> None:
    """The old state does not say which address it means, so it counts for each; a damaged state stays as it is."""
    old = {"starts": {"a": {}, "b": {}}, "sent": 7, "behind": TODAY.isoformat()}
    new = AccountState.from_json(
        with_sites({"forwarding": with_checksum(old)})
    ).forwarding
    assert new == ForwardingState(
        starts={"a": {}, "b": {}},
        sent=7,
        sites={"a": SiteState(behind=TODAY), "b": SiteState(behind=TODAY)},
    )
    for state in json.loads('[{}, [], {"starts": 7}, null]'):
        damaged = {"forwarding": with_checksum(state)}
        assert with_sites(damaged) == damaged


def first_pending(state: AccountState) -> date | None:
    """Return the first pending day."""
    return state.first_pending


class TestPending:
    """Days pending for each address and the recorder."""

    def test_an_address_is_taken_up_again(self) -> None:
        """An address continues from the day on which it was left; one that stays in use or is new has nothing pending."""
        state = AccountState()
        for address in ("a", "a", "b", None):
            state.forwarding.use(address)
            assert first_pending(state) is None
            if site := state.forwarding.site:
                site.in_step_until = TODAY
        state.forwarding.use("b")
        assert first_pending(state) == TODAY
        state.forwarding.use("c")
        assert first_pending(state) is None

    def test_what_is_passed_on_to_one_is_pending_for_the_other(self) -> None:
        """Days sent to one address stay pending for the other, but are recorded for both."""
        state = AccountState()
        for address in ("a", "b"):
            state.forwarding.use(address)
            state.forwarding.sites[address].pending.add(TODAY - 5 * ONE_DAY)
        state.add_pending(TODAY - 2 * ONE_DAY)
        state.passed_on(TODAY - 4 * ONE_DAY, TODAY)
        assert first_pending(state) == TODAY - 3 * ONE_DAY
        assert state.pending.first == TODAY - 2 * ONE_DAY
        state.passed_on(TODAY, TODAY)
        assert first_pending(state) is None
        state.forwarding.use("a")
        assert first_pending(state) == TODAY - 5 * ONE_DAY


class TestBackfill:
    """A backfill that has not ended continues."""

    def test_where_it_goes_on(self) -> None:
        """It continues at the address that has the earlier days; another address needs all of them."""
        state = BackfillState.from_json(BACKFILL | {"address": "a"})
        found: list[tuple[date, str | None]] = []
        for address in ("a", "b", "a"):
            state.passed_on(TODAY - 4 * ONE_DAY)
            state.use(address, frozenset({Feature.BASAL}))
            assert state.unfinished
            found.append((state.unfinished.next, state.unfinished.address))
        on, first = TODAY - 3 * ONE_DAY, TODAY - 9 * ONE_DAY
        assert found == [(on, "a"), (first, "b"), (first, "a")]

    @pytest.mark.parametrize("next_address", ["a", "b"])
    def test_without_an_address_it_sends_nothing_any_more(
        self, next_address: str
    ) -> None:
        """The statistics continue; no days are sent even if an address is set up again, because the user did not ask for that."""
        state = BackfillState.from_json(BACKFILL | {"address": "a"})
        state.passed_on(TODAY - 4 * ONE_DAY)
        state.use(None, frozenset())
        state.use(next_address, frozenset({Feature.BASAL}))
        assert state.unfinished
        assert state.unfinished.features == frozenset()
        assert state.unfinished.next == TODAY - 3 * ONE_DAY

    @pytest.mark.parametrize(
        ("address", "enabled", "left"),
        [
            ("a", ["basal", "cgm"], ["basal", "bolus", "cgm"]),
            ("a", ["basal", "cgm", "profiles"], ["basal", "bolus", "cgm"]),
            ("a", ["basal"], ["basal", "bolus"]),
            ("a", [], ["bolus"]),
            ("b", ["basal", "cgm"], ["basal", "cgm"]),
            ("b", ["basal", "bolus"], ["basal", "bolus"]),
            (None, [], []),
        ],
    )
    def test_what_it_still_sends(
        self, address: str | None, enabled: list[str], left: list[str]
    ) -> None:
        """Features switched off since are left out; one that was off already is sent to the requested address only."""
        features = {"features": ["basal", "bolus", "cgm"], "enabled": ["basal", "cgm"]}
        state = BackfillState.from_json(BACKFILL | features | {"address": "a"})
        state.use(address, frozenset(map(Feature, enabled)))
        assert state.unfinished
        assert state.unfinished.features == frozenset(left)

    def test_a_feature_that_is_switched_off_and_on(self) -> None:
        """Days in between were not sent, so the feature does not resume in the middle."""
        state = BackfillState.from_json(BACKFILL | {"address": "a"})
        for enabled in ([], [Feature.BASAL]):
            state.use("a", frozenset(enabled))
        assert state.unfinished
        assert state.unfinished.features == frozenset()

    def test_one_that_sends_nothing(self) -> None:
        """It continues with its statistics when a feature is switched on."""
        state = BackfillState.from_json(BACKFILL | {"features": []})
        state.use("a", frozenset({Feature.BASAL}))
        assert state.unfinished
        assert state.unfinished.next == TODAY - ONE_DAY

    def test_none(self) -> None:
        """Without a backfill nothing is stored."""
        state = BackfillState()
        state.use("a", frozenset())
        state.passed_on(TODAY)
        assert state == BackfillState()


class TestFirstVersion:
    """A file of the first version."""

    async def test_it_is_taken_over(self, hass: HomeAssistant) -> None:
        """Each part has its old state, and the file is written as the current version."""
        content = (FIRST_VERSION / "account.json").read_text()
        notes = json.loads(content)["data"]
        store = await loaded(hass, content)
        state = store.state
        assert state.sign_in.token == Token.from_dict(notes["token"])
        assert state.pumper.answer == notes["pumper"]
        assert state.reading.pumps == {
            "11223344": PumpReadProgress(
                last_complete_upload=(
                    "2026-05-20T20:00:00+00:00",
                    "2026-05-20T12:55:37",
                    "3700ae15bf7cdb8f",
                ),
                complete_from=date(2026, 4, 22),
                last_upload=datetime(2026, 5, 20, 20, tzinfo=UTC),
                late_data_read_at=datetime(2026, 5, 20, 19, tzinfo=UTC),
            )
        }
        assert state.pumps_used.serial_numbers == ["11223344"]
        assert state.news.fired == {
            identity: datetime.fromisoformat(start)
            for identity, start in notes["told"].items()
        }
        assert state.forwarding == ForwardingState(
            starts={
                "8c192beccf6e6ce1": dict.fromkeys(
                    ("basal", "bolus", "pump_events", "profiles"), date(2026, 5, 18)
                )
            },
            last_sync=datetime(2026, 5, 20, 20, tzinfo=UTC),
            sent=435,
            sites={"8c192beccf6e6ce1": SiteState()},
        )
        settings = "11223344 3700ae15bf7cdb8f US/Pacific"
        assert state.profiles.sites == {
            "8c192beccf6e6ce1": SiteProfiles(
                seen=settings,
                since=datetime(2026, 5, 20, 19, tzinfo=UTC),
                sent=settings,
            )
        }
        assert state.pending.first == date(2026, 4, 10)
        written = json.loads(file_of(hass).read_text())
        assert written["version"] == 2
        assert AccountState.from_json(written["data"]) == state

    def test_a_replaced_pump_that_nobody_was_notified_of(self) -> None:
        """The replacement counts as new again, so that the user is notified."""
        notes = {"worn": ["11223344", "44332211"], "replaced": True}
        state = AccountState.from_json(migrated_from_1(notes))
        assert state.pumps_used.serial_numbers == ["11223344"]

    @given(seed=st.integers(0, 2**32), note=st.sampled_from(NOTES))
    def test_damage_in_it_costs_its_owner_alone(self, seed: int, note: str) -> None:
        """Damage in one note leaves all parts that do not use it as they were."""
        notes = json.loads((FIRST_VERSION / "account.json").read_text())["data"]
        whole = AccountState.from_json(migrated_from_1(notes))
        found = AccountState.from_json(
            migrated_from_1(notes | {note: damaged(notes[note], seed)})
        )
        for owner in kept(whole).keys() - {OWNER_OF[note]}:
            assert getattr(found, owner) == getattr(whole, owner)
