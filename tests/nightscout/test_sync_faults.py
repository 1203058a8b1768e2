"""Faults of Nightscout, and the guarantees that remain."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, override

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.nightscout import sender
from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.errors import (
    NightscoutBlocked,
    NightscoutBusy,
    NightscoutForbidden,
    NightscoutFull,
    NightscoutRefused,
    NightscoutUnreachable,
    NotNightscout,
)
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.nightscout.ledger import UNCONFIRMED_WINDOW
from custom_components.tconnectsync.nightscout.plan import Write
from custom_components.tconnectsync.nightscout.sender import MAX_BYTES, batches
from custom_components.tconnectsync.nightscout.sync import RETRY_REMOVING_AFTER
from demo.nightscout import CAREPORTAL, SimulatedNightscout
from demo.nightscout.faults import (
    Fault,
    database_full,
    late_request,
    lost_answer,
    lost_request,
    null_answer,
    proxy_error,
    refused_documents,
    too_large,
)

from .records import DAY, PUMP, history, insulin_on_board, reading, segment, utc
from .site import EVERYTHING, SECRET, Crash, Writer


def rates(number: int, rate: float = 1.0) -> list[Document]:
    """Return this many temporary basals."""
    start = utc("00:00:00")
    return documents(
        history(
            basal=[
                replace(
                    segment("00:00:00", "00:01:00", rate, n),
                    start=start + timedelta(minutes=n),
                    end=start + timedelta(minutes=n + 1),
                    pump_time=segment("00:00:00", "00:01:00", 1.0, n).pump_time
                    + timedelta(minutes=n),
                )
                for n in range(number)
            ]
        ),
        PUMP,
        EVERYTHING,
    )


def posts(writer: Writer) -> int:
    """Return the number of writes that the site received."""
    return writer.server.count("/", method="POST")


@pytest.mark.parametrize("fault", [lost_answer, lost_request])
async def test_without_an_answer_it_is_sent_again(writer: Writer, fault: Any) -> None:
    """The write may have been carried out or not."""
    writer.server.faults.add(fault("treatments")).method = "POST"
    result = await writer.hold(rates(10))
    assert (result.created, result.pending, result.error) == (10, 0, None)
    assert posts(writer) == 2
    assert writer.is_right(rates(10))


async def test_slow_sites_get_smaller_batches(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches shrink until the site keeps up, and then grow again."""
    monkeypatch.setattr(sender, "MAX_DOCUMENTS", 40)
    monkeypatch.setattr(
        "custom_components.tconnectsync.nightscout.sync.MAX_DOCUMENTS", 40
    )
    writer.restart()
    slow = writer.server.faults.add(lost_request("treatments", times=None))
    slow.method = "POST"
    result = await writer.hold(rates(40))
    assert isinstance(result.error, NightscoutUnreachable)
    assert (result.created, result.pending, posts(writer)) == (0, 40, 2)
    writer.server.faults.clear()
    result = await writer.hold(rates(40))
    assert (result.created, posts(writer)) == (40, 4)
    await writer.hold(rates(80))
    assert posts(writer) == 5


@pytest.mark.parametrize(
    "fault",
    [
        lambda: proxy_error(times=3),
        lambda: proxy_error(status=504, times=3),
        lambda: too_large(times=3),
        lambda: Fault(status=400, method="POST", times=3),
    ],
)
async def test_a_failing_batch_is_halved(writer: Writer, fault: Any) -> None:
    """Smaller batches may succeed."""
    writer.server.faults.add(fault()).method = "POST"
    result = await writer.hold(rates(8))
    assert (result.created, result.pending, result.rejected) == (8, 0, ())
    assert posts(writer) == 7
    assert writer.is_right(rates(8))


async def test_one_rejected_document_does_not_hold_up_the_rest(writer: Writer) -> None:
    """The rejected document is reported, stays pending, and is tried again after the others."""
    wanted = rates(300)
    bad = wanted[7].identifier
    writer.server.faults.add(
        refused_documents(lambda document: document.get("identifier") == bad)
    )
    result = await writer.hold(wanted)
    assert (result.created, result.pending, result.error) == (299, 1, None)
    assert [one.identifier for one in result.rejected] == [bad]
    assert "interrupted" not in result.rejected[0].reason
    assert bad not in repr(result.rejected)
    writer.server.requests.clear()
    again = await writer.hold(wanted)
    assert (again.created, again.pending, posts(writer)) == (0, 1, 1)
    writer.server.faults.clear()
    healed = await writer.hold(wanted)
    assert (healed.created, healed.pending) == (1, 0)
    assert writer.is_right(wanted)


async def test_many_rejected_documents_hold_up_nothing_for_good(
    writer: Writer,
) -> None:
    """The oldest fifth is always rejected; everything else arrives within a few syncs."""
    wanted = rates(100)
    bad = {one.identifier for one in wanted[:20]}
    writer.server.faults.add(
        refused_documents(lambda document: document.get("identifier") in bad)
    )
    pending = [(await writer.hold(wanted)).pending for _ in range(5)]
    assert pending[-1] == 20
    assert len(writer.held()) == 80


async def test_scattered_rejections_are_no_error_of_the_site(writer: Writer) -> None:
    """Rejections do not count as an error of the site while other documents succeed."""
    wanted = rates(200)
    bad = {one.identifier for one in wanted[::25]}
    writer.server.faults.add(
        refused_documents(lambda document: document.get("identifier") in bad)
    )
    result = await writer.hold(wanted)
    assert (result.created, result.pending, result.error) == (192, 8, None)
    assert {one.identifier for one in result.rejected} == bad


async def test_what_never_left_is_not_sent_again_at_once(writer: Writer) -> None:
    """After a refused connection the sync waits until next time."""
    tried = 0

    class Away(NightscoutClient):
        @override
        async def write(self, *args: Any) -> None:
            nonlocal tried
            tried += 1
            raise NightscoutUnreachable("no connection", sent=False)

    await writer.hold([], days=[DAY])
    async with aiohttp.ClientSession() as session:
        writer.client = Away(session, writer.server.url, SECRET)
        writer.restart()
        result = await writer.hold(rates(3))
    assert (tried, result.pending) == (1, 3)


async def test_a_site_in_error_is_left_alone_soon(writer: Writer) -> None:
    """The documents are not tried one by one."""
    writer.server.faults.add(proxy_error("treatments", times=None)).method = "POST"
    result = await writer.hold(rates(200))
    assert isinstance(result.error, NightscoutBusy)
    assert (result.created, result.pending, result.rejected) == (0, 200, ())
    assert posts(writer) < 25
    writer.server.faults.clear()
    result = await writer.hold(rates(200))
    assert (result.created, result.pending) == (200, 0)


async def test_whoever_asks_to_wait_is_waited_for(writer: Writer) -> None:
    """Too many requests are not answered with more requests."""
    writer.server.faults.add(Fault(status=429, method="POST", times=None))
    result = await writer.hold(rates(50))
    assert isinstance(result.error, NightscoutBusy)
    assert posts(writer) == 1


async def test_a_full_database_is_reported(writer: Writer) -> None:
    """Smaller batches would not help."""
    writer.server.faults.add(database_full())
    result = await writer.hold(rates(50))
    assert isinstance(result.error, NightscoutFull)
    assert (posts(writer), result.pending) == (1, 50)


async def test_a_changed_secret_is_reported_and_not_tried_on(writer: Writer) -> None:
    """Pending documents stay pending."""
    await writer.hold(rates(5))
    writer.server.api_secret = "another"
    writer.server.requests.clear()
    result = await writer.hold(rates(9))
    assert isinstance(result.error, NightscoutRefused)
    assert (result.created, result.pending) == (0, 4)
    assert len(writer.server.requests) == 2


async def test_an_unreachable_site_leaves_everything_pending(writer: Writer) -> None:
    """This holds before and after the ledger was built."""
    await writer.server.stop()
    result = await writer.hold(rates(5))
    assert isinstance(result.error, NightscoutUnreachable)
    assert (result.pending, writer.files.saves) == (5, 0)
    await writer.server.start()
    await writer.hold(rates(5))
    await writer.server.stop()
    result = await writer.hold(rates(8))
    assert (result.created, result.pending) == (0, 3)
    await writer.server.start()
    assert (await writer.hold(rates(8))).pending == 0
    assert writer.is_right(rates(8))


async def test_a_site_that_goes_away_between_two_batches(writer: Writer) -> None:
    """Accepted documents are stored as sent; the rest stays pending."""
    wanted = rates(600)
    await writer.hold([], days=[DAY])
    away = writer.server.faults.add(lost_request("treatments", times=None))
    away.method, away.skip = "POST", 1
    result = await writer.hold(wanted)
    assert isinstance(result.error, NightscoutUnreachable)
    assert (result.created, result.pending) == (500, 100)
    writer.restart()
    writer.server.faults.clear()
    assert (await writer.hold(wanted)).created == 100
    assert writer.is_right(wanted)


async def test_a_null_answer_never_counts_as_nothing_there(writer: Writer) -> None:
    """This holds when the ledger is rebuilt and when old versions are looked up."""
    await writer.hold(rates(5))
    writer.files.texts.clear()
    writer.server.faults.add(null_answer())
    result = await writer.hold(rates(5))
    assert isinstance(result.error, NotNightscout)
    assert writer.files.texts == {}
    await writer.hold(rates(5))
    writer.server.faults.add(null_answer())
    result = await writer.hold(rates(4))
    assert isinstance(result.error, NotNightscout)
    assert (result.removed, result.pending, len(writer.held())) == (0, 1, 5)
    assert (await writer.hold(rates(4))).removed == 1


async def test_nothing_is_removed_while_something_could_not_be_sent(
    writer: Writer,
) -> None:
    """Documents are created before others are removed, so that none is missing in between."""
    await writer.hold(rates(5))
    writer.server.faults.add(lost_request(times=2)).method = "POST"
    result = await writer.hold(rates(10)[5:], days=[DAY])
    assert (result.removed, len(writer.held())) == (0, 5)


async def test_one_failing_collection_keeps_nothing_of_the_others(
    writer: Writer,
) -> None:
    """A sent document replaces its old version; one that failed or waits does not."""

    def others(number: int) -> list[Document]:
        known = [insulin_on_board("08:00:00", number, 1.0)]
        readings = [reading("08:00:00", number, 100)]
        both = history(readings=readings, insulin_on_board=known)
        return documents(both, PUMP, EVERYTHING)

    await writer.hold([*rates(3), *others(7)])
    writer.server.faults.add(lost_request("entries", times=None)).method = "POST"
    result = await writer.hold([*rates(2), *others(8)])
    assert isinstance(result.error, NightscoutUnreachable)
    assert (result.created, result.removed, result.pending) == (0, 1, 4)
    assert writer.names() == sorted(one.identifier for one in [*rates(2), *others(7)])
    writer.server.faults.clear()
    await writer.hold([*rates(2), *others(8)])
    assert writer.is_right([*rates(2), *others(8)])


async def test_the_old_self_of_a_rejected_document_stays(writer: Writer) -> None:
    """An old version is closer to the truth than no document."""
    [before] = rates(1)
    after = documents(
        history(basal=[segment("00:00:00", "00:10:00", 2.0, 0, numbers=(0, 1))]),
        PUMP,
        EVERYTHING,
    )
    moved = replace(
        after[0],
        created_at=after[0].created_at + timedelta(hours=1),
        body=after[0].body
        | {"created_at": "2025-11-20T01:00:00.001+01:00", "tconnectsync_hash": "x"},
    )
    await writer.hold([before])
    writer.server.faults.add(refused_documents(lambda document: True))
    result = await writer.hold([moved])
    assert (result.removed, result.pending) == (0, 1)
    assert len(writer.held()) == 1
    writer.server.faults.clear()
    await writer.hold([moved])
    assert [one["absolute"] for one in writer.held()] == [2]


class TestCarriedOutLate:
    """A request without an answer may be carried out long after a newer one."""

    @pytest.fixture
    def late(self, writer: Writer) -> Fault:
        """Delay the next write."""
        fault = late_request()
        fault.method = "POST"
        return writer.server.faults.add(fault)

    async def test_it_does_not_stay(
        self, writer: Writer, late: Fault, freezer: FrozenDateTimeFactory
    ) -> None:
        """This holds over a restart; once the write has expired, nothing is read back any more."""
        result = await writer.hold(rates(3))
        assert (result.created, result.unconfirmed_days) == (3, frozenset({DAY}))
        await writer.hold(rates(3, 2.0))
        await writer.carry_out(late)
        assert [one["absolute"] for one in writer.held()] == [1, 1, 1]
        freezer.tick(UNCONFIRMED_WINDOW)
        writer.restart()
        result = await writer.hold(rates(3, 2.0))
        assert (result.replaced, result.unconfirmed_days) == (3, frozenset())
        assert [one["absolute"] for one in writer.held()] == [2, 2, 2]
        writer.server.requests.clear()
        assert not (await writer.hold(rates(3, 2.0))).unconfirmed_days
        assert writer.server.requests == []

    async def test_it_is_looked_for_until_it_can_no_longer_come(
        self, writer: Writer, late: Fault, freezer: FrozenDateTimeFactory
    ) -> None:
        """A check before that proves nothing."""
        await writer.hold(rates(3))
        freezer.tick(UNCONFIRMED_WINDOW / 2)
        assert (await writer.hold(rates(3, 2.0))).unconfirmed_days == {DAY}
        await writer.carry_out(late)
        freezer.tick(UNCONFIRMED_WINDOW / 2)
        assert (await writer.hold(rates(3, 2.0))).replaced == 3
        assert [one["absolute"] for one in writer.held()] == [2, 2, 2]

    async def test_a_feature_that_is_off_by_then(
        self, writer: Writer, freezer: FrozenDateTimeFactory
    ) -> None:
        """A disabled feature is not compared any more, so it does not keep a day from being in sync."""
        glucose = history(readings=[reading("08:00:00", 7, 100)])
        await writer.hold([*rates(3), *documents(glucose, PUMP, EVERYTHING)])
        ledger = await writer.files.load(DAY)
        assert ledger
        ledger.mark_all_unconfirmed(utc("12:00:00"))
        await writer.files.save(DAY, ledger)
        writer.restart()
        freezer.tick(UNCONFIRMED_WINDOW)
        result = await writer.hold(rates(3), features=[Feature.BASAL])
        assert result.unconfirmed_days == frozenset()

    async def test_a_clock_that_is_put_back(
        self, writer: Writer, late: Fault, freezer: FrozenDateTimeFactory
    ) -> None:
        """A write that started in the future may be carried out as late as one that starts now."""
        await writer.hold(rates(3))
        freezer.tick(timedelta(days=-400))
        assert (await writer.hold(rates(3, 2.0))).unconfirmed_days == {DAY}
        await writer.carry_out(late)
        freezer.tick(UNCONFIRMED_WINDOW)
        assert not (await writer.hold(rates(3, 2.0))).unconfirmed_days
        assert writer.is_right(rates(3, 2.0))

    async def test_an_older_self_elsewhere(
        self, writer: Writer, late: Fault, freezer: FrozenDateTimeFactory
    ) -> None:
        """A document that moved meanwhile is not on the site twice."""
        [before] = rates(1)
        body = {"created_at": "2025-11-20T01:00:00.001+01:00", "tconnectsync_hash": "x"}
        moved = replace(
            before,
            created_at=before.created_at + timedelta(hours=1),
            body=before.body | body,
        )
        await writer.hold([before])
        await writer.hold([moved])
        await writer.carry_out(late)
        assert any(one["tconnectsync_hash"] != "x" for one in writer.held())
        freezer.tick(UNCONFIRMED_WINDOW)
        await writer.hold([moved])
        assert [one["tconnectsync_hash"] for one in writer.held()] == ["x"]

    async def test_a_device_status_is_not_there_twice(
        self, writer: Writer, late: Fault, freezer: FrozenDateTimeFactory
    ) -> None:
        """Nightscout would keep both copies."""
        wanted = TestDeviceStatus.status(1.0)
        await writer.hold(wanted)
        await writer.carry_out(late)
        assert len(writer.held()) == 2
        freezer.tick(UNCONFIRMED_WINDOW)
        await writer.hold(wanted)
        assert writer.is_right(wanted)

    async def test_a_removal(
        self, writer: Writer, freezer: FrozenDateTimeFactory
    ) -> None:
        """A document that is wanted again by then is sent again."""
        await writer.hold(rates(3))
        late = writer.server.faults.add(late_request(times=2))
        late.method = "DELETE"
        assert (await writer.hold(rates(2))).unconfirmed_days == {DAY}
        await writer.hold(rates(3))
        await writer.carry_out(late)
        assert len(writer.held()) == 2
        freezer.tick(UNCONFIRMED_WINDOW)
        await writer.hold(rates(3))
        assert writer.is_right(rates(3))

    @pytest.mark.parametrize("status", [502, 503, 504, 520, 524])
    async def test_a_proxy_that_gave_up_first(
        self, writer: Writer, freezer: FrozenDateTimeFactory, status: int
    ) -> None:
        """The answer is the proxy's, not Nightscout's."""
        writer.server.faults.add(proxy_error(status=status)).method = "POST"
        assert (await writer.hold(rates(2))).unconfirmed_days == {DAY}
        freezer.tick(UNCONFIRMED_WINDOW)
        assert not (await writer.hold(rates(2))).unconfirmed_days

    async def test_what_was_refused_does_not_come(self, writer: Writer) -> None:
        """Only requests with an unknown result are checked."""
        writer.server.faults.add(refused_documents(lambda document: True))
        result = await writer.hold(rates(1))
        assert (result.pending, result.unconfirmed_days) == (1, frozenset())
        writer.restart()
        writer.server.requests.clear()
        await writer.hold(rates(1))
        assert writer.server.count("/", method="GET") == 0

    async def test_a_crash_while_it_is_sent(
        self, writer: Writer, freezer: FrozenDateTimeFactory
    ) -> None:
        """The result of the request is unknown."""
        await writer.hold(rates(1))
        writer.files.crash_before = writer.files.saves + 2
        with pytest.raises(Crash):
            await writer.hold(rates(1, 2.0))
        writer.restart()
        assert (await writer.hold(rates(1, 2.0))).unconfirmed_days == {DAY}
        freezer.tick(UNCONFIRMED_WINDOW)
        assert not (await writer.hold(rates(1, 2.0))).unconfirmed_days


class TestServersInFront:
    """An answer of a proxy or firewall says nothing about Nightscout."""

    @pytest.mark.parametrize("status", [401, 403, 404])
    async def test_a_page_that_refuses_a_removal_is_tried_again(
        self, writer: Writer, status: int
    ) -> None:
        """One error page of a proxy does not stop later removals."""
        await writer.hold(rates(5))
        page = "<html>Access denied</html>"
        writer.server.faults.add(Fault(method="DELETE", status=status, body=page))
        result = await writer.hold(rates(6)[1:], days=[DAY])
        assert isinstance(result.error, (NightscoutBlocked, NotNightscout))
        assert (result.removed, result.pending) == (0, 1)
        result = await writer.hold(rates(6)[1:], days=[DAY])
        assert (result.removed, result.pending, result.error) == (1, 0, None)
        assert len(writer.held()) == 5


class TestRights:
    """A token may lack permissions that an API secret has."""

    @pytest.fixture
    def careful(
        self, server: SimulatedNightscout, session: aiohttp.ClientSession
    ) -> Writer:
        """A token that may create treatments, but neither delete nor write entries."""
        token = server.add_token("uploader", CAREPORTAL)
        return Writer(server, NightscoutClient(session, server.url, token))

    async def test_without_delete_the_rest_works(self, careful: Writer) -> None:
        """The missing permission is reported each time, and tried once."""
        await careful.hold(rates(5))
        result = await careful.hold(rates(6)[1:], days=[DAY])
        assert isinstance(result.error, NightscoutForbidden)
        assert result.error.missing == "api:treatments:delete"
        assert (result.created, result.removed, result.pending) == (1, 0, 1)
        careful.server.requests.clear()
        again = await careful.hold(rates(6)[1:], days=[DAY])
        assert isinstance(again.error, NightscoutForbidden)
        assert careful.server.requests == []

    async def test_a_right_that_was_given_is_used_within_the_hour(
        self, careful: Writer, freezer: FrozenDateTimeFactory
    ) -> None:
        """A permission added to the token's role needs no reload."""
        await careful.hold(rates(5))
        await careful.hold(rates(6)[1:], days=[DAY])
        careful.server.add_token("uploader", ["*"])
        assert (await careful.hold(rates(6)[1:], days=[DAY])).pending == 1
        freezer.tick(RETRY_REMOVING_AFTER)
        result = await careful.hold(rates(6)[1:], days=[DAY])
        assert (result.removed, result.pending, result.error) == (1, 0, None)

    async def test_one_forbidden_collection_does_not_hold_up_the_others(
        self, careful: Writer
    ) -> None:
        """Treatments are sent although entries may not be written."""
        wanted = [
            *rates(3),
            *documents(
                history(
                    readings=[reading("08:00:00", 7, 100)],
                    insulin_on_board=[insulin_on_board("08:00:00", 8, 1.0)],
                ),
                PUMP,
                EVERYTHING,
            ),
        ]
        result = await careful.hold(wanted)
        assert isinstance(result.error, NightscoutForbidden)
        assert result.error.missing == "api:entries:create"
        assert (result.created, result.pending) == (3, 2)

    async def test_nothing_is_removed_where_nothing_may_be_created(
        self,
        server: SimulatedNightscout,
        session: aiohttp.ClientSession,
        writer: Writer,
    ) -> None:
        """The old reading stays while the new one may not be written."""

        def of(number: int) -> list[Document]:
            readings = [reading("08:00:00", number, 100)]
            return documents(history(readings=readings), PUMP, EVERYTHING)

        await writer.hold(of(7))
        token = server.add_token(
            "uploader", ("*:*:read", "api:treatments:create", "api:*:delete")
        )
        writer.client = NightscoutClient(session, server.url, token)
        writer.restart()
        result = await writer.hold(of(8))
        assert (result.created, result.removed, result.pending) == (0, 0, 2)
        assert writer.names() == [of(7)[0].identifier]


class TestDeviceStatus:
    """Device statuses are the only collection in which nothing is replaced."""

    @staticmethod
    def status(insulin: float) -> list[Document]:
        """Return a device status."""
        known = [insulin_on_board("08:00:00", 8, insulin)]
        return documents(history(insulin_on_board=known), PUMP, EVERYTHING)

    async def test_a_lost_answer_doubles_nothing(self, writer: Writer) -> None:
        """An existing document is found before it is sent again."""
        writer.server.faults.add(lost_answer("devicestatus")).method = "POST"
        result = await writer.hold(self.status(1.0))
        assert (result.created, result.pending) == (1, 0)
        assert len(writer.held()) == 1
        assert posts(writer) == 1

    async def test_a_correction_takes_the_place_of_the_old(
        self, writer: Writer
    ) -> None:
        """The correction is created first, and then the old document is removed."""
        await writer.hold(self.status(1.0))
        result = await writer.hold(self.status(2.0))
        assert (result.replaced, result.removed, result.pending) == (1, 1, 0)
        assert [one["pump"]["iob"]["iob"] for one in writer.held()] == [2.0]

    async def test_an_unknown_older_self_is_found(self, writer: Writer) -> None:
        """It was sent while the feature was on, and a ledger was lost while it was off."""
        await writer.hold(self.status(1.0))
        writer.files.texts.clear()
        await writer.hold([], days=[DAY], features={Feature.BASAL})
        result = await writer.hold(self.status(2.0))
        assert result.pending == 0
        assert [one["pump"]["iob"]["iob"] for one in writer.held()] == [2.0]


class TestBatches:
    """Batches are few, and small enough for one request."""

    def test_by_number_size_and_collection(self) -> None:
        """The first limit that is reached counts."""
        large = {"notes": "x" * (MAX_BYTES // 3)}
        writes = [Write(day=DAY, document=one) for one in rates(7)]
        heavy = [
            replace(one, document=replace(one.document, body=large)) for one in writes
        ]
        assert [len(batch) for batch in batches(writes, 3)] == [3, 3, 1]
        assert [len(batch) for batch in batches(heavy, 500)] == [2, 2, 2, 1]
        [entry] = documents(
            history(readings=[reading("08:00:00", 7, 100)]), PUMP, EVERYTHING
        )
        mixed = [*writes, Write(day=DAY, document=entry)]
        assert [len(batch) for batch in batches(mixed, 500)] == [7, 1]
        assert list(batches([], 500)) == []

    async def test_many_documents(self, writer: Writer) -> None:
        """A long backfill runs in one go, and the ledger is saved before each batch and after the last."""
        result = await writer.hold(rates(1200))
        assert (result.created, posts(writer)) == (1200, 3)
        assert writer.files.saves == 4
        assert writer.is_right(rates(1200))
