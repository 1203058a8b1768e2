"""The people whose pumps an account may see, wherever Tandem names them."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import aiohttp
import pytest

from custom_components.tconnectsync.tandem import (
    NoPump,
    Person,
    Region,
    SeveralPersons,
    TandemBusy,
    TandemChanged,
    TandemClient,
    TokenProvider,
    read_persons,
)
from demo.tandem import Account, Fault, SimulatedTandem

from .conftest import EMAIL, PASSWORD, LoggedPump

type NamedIn = Literal["id_token", "access_token", "answer"]
type Persons = Callable[[], Awaitable[list[Person]]]

NAMED_IN = ["id_token", "access_token", "answer"]
TOKENS = NAMED_IN[:2]
CHILD, OTHER_CHILD = "child@example.org", "other@example.org"


@pytest.fixture
def account(tandem: SimulatedTandem) -> Account:
    """The account that signs in."""
    return tandem.accounts[EMAIL.lower()]


@pytest.fixture
def guardian(tandem: SimulatedTandem, account: Account) -> Account:
    """A guardian's account, without a pump of its own, that may see two people's pumps."""
    account.pumps.clear()
    account.wears_pump, account.role = False, "personal_guardian"
    for number, (email, name) in enumerate(((CHILD, "Byron"), (OTHER_CHILD, "Anne"))):
        child = tandem.add_account(email, "", first_name=name, last_name="King")
        pump = LoggedPump(
            serial_number=f"9000000{number}", assignment_id=f"assignment-{number}"
        )
        pump.log("2026-05-15T12:00:00", commandedRate=1000)
        child.add_pump(pump).upload()
        account.looks_after.append(child)
    return account


def client(
    session: aiohttp.ClientSession, region: Region
) -> tuple[TokenProvider, TandemClient]:
    """Return a token provider that asks whose pump is meant, and a client that uses it."""
    tokens = TokenProvider(session, region, EMAIL, PASSWORD, allow_several_persons=True)
    return tokens, TandemClient(session, tokens)


@pytest.fixture
def persons_of(session: aiohttp.ClientSession, region: Region) -> Persons:
    """Return a function that signs in as the set-up does and returns everybody who has a pump."""

    async def read() -> list[Person]:
        tokens, reader = client(session, region)
        token = await tokens.token()
        return await read_persons(reader, token.pumper_ids or (token.pumper_id,))

    return read


@pytest.mark.parametrize("named_in", TOKENS)
async def test_an_account_of_one_person(
    account: Account, session: aiohttp.ClientSession, region: Region, named_in: NamedIn
) -> None:
    """One person is found, whichever token names them."""
    account.names_persons_in = named_in
    tokens, reader = client(session, region)
    token = await tokens.token()
    assert (token.account_id, token.pumper_ids) == (account.account_id, ())
    assert token.pumper_id == account.pumper_id
    assert (await reader.pumper()).pumps


@pytest.mark.parametrize("named_in", NAMED_IN)
async def test_a_guardian_of_two(
    guardian: Account, persons_of: Persons, named_in: NamedIn
) -> None:
    """Both people are found with names and pumps, wherever Tandem names them."""
    guardian.names_persons_in = named_in
    found = await persons_of()
    assert [person.name for person in found] == ["Byron King", "Anne King"]
    assert [person.pumper_id for person in found] == [
        child.pumper_id for child in guardian.looks_after
    ]
    assert [person.pumper.pumps[0].serial_number for person in found] == [
        "90000000",
        "90000001",
    ]
    assert "King" not in repr(found)


@pytest.mark.parametrize("named_in", TOKENS)
async def test_it_has_to_be_known_whose_is_meant(
    guardian: Account, session: aiohttp.ClientSession, region: Region, named_in: NamedIn
) -> None:
    """Without a choice no person is read; a chosen person, or the person of the stored token, is read."""
    guardian.names_persons_in = named_in
    tokens = TokenProvider(session, region, EMAIL, PASSWORD)
    with pytest.raises(SeveralPersons):
        await tokens.token()
    child = guardian.looks_after[1]
    known = TokenProvider(session, region, EMAIL, PASSWORD, pumper_id=child.pumper_id)
    token = await known.token()
    assert token.pumper_id == child.pumper_id
    again = TokenProvider(session, region, EMAIL, PASSWORD, token=token)
    again.invalidate(token)
    assert (await again.token()).pumper_id == child.pumper_id


@pytest.mark.parametrize("named_in", TOKENS)
@pytest.mark.parametrize("role", ["personal_guardian", "personal_pumper"])
async def test_an_account_that_names_nobody(
    account: Account,
    persons_of: Persons,
    named_in: NamedIn,
    role: str,
) -> None:
    """An account without people is reported as without a pump, not as a change of the service."""
    account.names_persons_in, account.role = named_in, role
    account.wears_pump = False
    with pytest.raises(NoPump):
        await persons_of()


@pytest.mark.parametrize(
    ("role", "error"),
    [("personal_guardian", NoPump), ("personal_pumper", TandemChanged)],
)
async def test_a_person_whose_pumps_nobody_lists(
    tandem: SimulatedTandem,
    account: Account,
    persons_of: Persons,
    role: str,
    error: type[Exception],
) -> None:
    """A guardian without a list of pumps has no pump; for other accounts it is a change of the service."""
    account.role = role
    tandem.faults.add(Fault(path="/reports/bff/pumper/", status=404, times=None))
    with pytest.raises(error):
        await persons_of()


async def test_no_pump_at_all(guardian: Account, persons_of: Persons) -> None:
    """Neither the account nor the people it may see have a pump."""
    for child in guardian.looks_after:
        child.pumps.clear()
    with pytest.raises(NoPump):
        await persons_of()


async def test_the_kind_of_account_need_not_be_named(
    tandem: SimulatedTandem,
    account: Account,
    persons_of: Persons,
) -> None:
    """Without the kind of account a missing list of pumps is a change of the service."""
    account.role = "personal_guardian"
    tandem.faults.add(Fault(path="/reports/bff/pumper/", status=404, times=None))
    tandem.faults.add(Fault(path="/pumpers/pumpers/", status=500, times=None))
    with pytest.raises(TandemChanged):
        await persons_of()
    tandem.faults.clear()
    tandem.faults.add(Fault(path="/reports/bff/pumper/", status=404, times=None))
    tandem.faults.add(
        Fault(path="/pumpers/pumpers/", status=200, body="[]", times=None)
    )
    with pytest.raises(TandemChanged):
        await persons_of()


async def test_one_that_may_not_be_seen_is_left_out(
    tandem: SimulatedTandem,
    guardian: Account,
    persons_of: Persons,
) -> None:
    """A person who may not be seen is left out; a temporary error is raised, because the choice would lack a person."""
    tandem.faults.add(Fault(path="/reports/bff/pumper/", status=403))
    (only,) = await persons_of()
    assert only.name == "Anne King"
    tandem.faults.add(Fault(path="/reports/bff/pumper/", status=503))
    with pytest.raises(TandemBusy):
        await persons_of()


async def test_a_person_is_asked_about_once(
    tandem: SimulatedTandem,
    guardian: Account,
    persons_of: Persons,
) -> None:
    """An answer that lists its own person does not cause endless requests."""
    guardian.names_persons_in = "answer"
    own = {"pumperId": guardian.pumper_id}

    def with_itself(answer: Any) -> Any:
        return answer | {"pumpers": [own, *answer["pumpers"]]}

    tandem.faults.add(Fault(path=guardian.pumper_id, change=with_itself, times=None))
    assert len(await persons_of()) == 2
    assert tandem.count("/reports/bff/pumper/") == 3
