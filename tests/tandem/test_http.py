"""The meaning of Tandem's answers, including broken ones."""

import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.tandem import (
    TandemBusy,
    TandemChanged,
    TandemError,
    TandemUnreachable,
)
from custom_components.tconnectsync.tandem.http import TandemResponse, refused_keys


def answered(body: bytes = b"", status: int = 200, **headers: str) -> TandemResponse:
    """Return an answer as the client read it."""
    dashed = {key.replace("_", "-"): value for key, value in headers.items()}
    return TandemResponse(status, dashed, body, "pumper")


def test_json() -> None:
    """Values such as NaN count as missing."""
    assert answered(b'{"a": [1, NaN, Infinity]}').json() == {"a": [1, None, None]}


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b'"t:\\ud800slim"', "t:\ufffdslim"),
        (b'{"\\uDFFF": [["\\udc00"], 7]}', {"\ufffd": [["\ufffd"], 7]}),
        (b'["\\ud83d\\ude00", "\\\\ud800"]', ["\U0001f600", "\\ud800"]),
    ],
)
def test_half_letters(body: bytes, content: Any) -> None:
    """Unpaired surrogates are replaced, because no file could store them; valid characters stay."""
    assert answered(body).json() == content


@pytest.mark.parametrize(
    "body",
    [b"", b"  ", b'{"pumps": [', b'{"a": 1', b"[", b"[" * 200_000, b'{"a": \xff'],
)
def test_json_that_breaks_off(body: bytes) -> None:
    """Truncated JSON says nothing about the service."""
    with pytest.raises(TandemUnreachable, match="breaks off") as error:
        answered(body).json()
    assert error.value.__context__ is None


@pytest.mark.parametrize("body", [b"<html></html>", b"\xff\xfe\xfd", b"OK", b"\x00"])
def test_no_json(body: bytes) -> None:
    """An answer that is not JSON is a change of the service."""
    with pytest.raises(TandemChanged, match="other than JSON") as error:
        answered(body).json()
    assert error.value.__context__ is None


@pytest.mark.parametrize("status", [200, 204, 302, 400, 404, 405, 410, 415, 422])
def test_a_changed_service(status: int) -> None:
    """An address or query that is no longer accepted is a change of the service."""
    error = answered(status=status).to_error()
    assert type(error) is TandemChanged
    assert error.status == status


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 502, 503, 599, 999])
def test_a_busy_service(status: int) -> None:
    """These answers are temporary errors."""
    error = answered(status=status).to_error()
    assert type(error) is TandemBusy
    assert error.status == status
    assert error.retry_after is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 60),
        ("999999999", 3600),
        ("Fri, 15 May 2026 12:01:30 GMT", 90),
        ("Fri, 15 May 2026 11:00:00 GMT", 60),
        ("Fri, 15 May 2026 14:01:30 +0200", 90),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after(
    freezer: FrozenDateTimeFactory, header: str, seconds: float | None
) -> None:
    """Retry-After is read as seconds or a date and limited to a minute to an hour; unreadable values are ignored."""
    freezer.move_to("2026-05-15T12:00:00Z")
    error = answered(status=429, Retry_After=header).to_error()
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    "body",
    [
        {"issues": [{"code": "unrecognized_keys", "keys": ["b", "a"], "path": []}]},
        {"error": {"issues": [{"path": ["a"]}, {"path": ["b", 0]}]}},
        {"errors": [{"path": ["b"], "unionErrors": [{"issues": [{"path": ["a"]}]}]}]},
        [{"path": ["a", "b"], "message": "Ada Lovelace"}],
    ],
)
def test_refused_keys_are_named(body: Any) -> None:
    """The error names refused keys only, from any place in the answer."""
    answer = answered(json.dumps(body).encode(), 400)
    assert refused_keys(answer) == ["a", "b"]
    assert str(answer.to_error()) == "pumper: answered 400 about a, b"


@pytest.mark.parametrize(
    "body",
    [
        {"path": ["ada@example.org", "https://x", "a b", "x" * 41, "", 7, None, ["c"]]},
        {"path": "/api/90556643", "keys": {"a": 1}},
        {"message": ["a"]},
        "path",
        None,
    ],
)
def test_what_is_no_name_is_not_passed_on(body: Any) -> None:
    """Text that could be personal data is left out of the error."""
    answer = answered(json.dumps(body).encode(), 400)
    assert str(answer.to_error()) == "pumper: answered 400"


def test_many_names_are_cut() -> None:
    """The message stays short."""
    body = json.dumps({"keys": [f"key{number:02}" for number in range(50)]}).encode()
    assert len(refused_keys(answered(body, 400))) == 10


def test_deep_answers_do_no_harm() -> None:
    """Names are found at any depth that the JSON parser accepts."""
    body = b'{"a":' * 3000 + b'{"keys": ["deep"]}' + b"}" * 3000
    assert refused_keys(answered(body, 400)) in ([], ["deep"])


@given(st.binary(max_size=200), st.integers(100, 999))
def test_anything_is_understood_somehow(body: bytes, status: int) -> None:
    """Every answer is read or raises an error of this integration."""
    answer = answered(body, status)
    assert isinstance(answer.to_error(), TandemError)
    try:
        answer.json()
    except TandemError as error:
        assert error.__context__ is None  # noqa: PT017 - most bodies raise, some do not


def test_an_answer_shown_tells_nothing() -> None:
    """The repr of an answer contains neither body nor headers."""
    shown = repr(answered(b"secret", 200, Set_Cookie="secret"))
    assert shown == "TandemResponse(status=200, step='pumper')"
