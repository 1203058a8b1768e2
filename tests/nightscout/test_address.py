"""Addresses of Nightscout as people type them."""

import pytest

from custom_components.tconnectsync.nightscout.address import is_encrypted, normalized
from custom_components.tconnectsync.nightscout.errors import InvalidAddress


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://my.site", "https://my.site"),
        ("my.site", "https://my.site"),
        ("  https://my.site/  ", "https://my.site"),
        ("https://my.site/api/v1", "https://my.site"),
        ("https://my.site/api/v1/", "https://my.site"),
        ("https://my.site/api", "https://my.site"),
        ("http://192.168.1.5:1337", "http://192.168.1.5:1337"),
        ("my.site:8443/nightscout/", "https://my.site:8443/nightscout"),
        ("https://[::1]:1337/", "https://[::1]:1337"),
        ("HTTPS://My.Site", "https://my.site"),
    ],
)
def test_what_is_meant(written: str, meant: str) -> None:
    """The API's path and trailing slashes are removed, and https is assumed."""
    assert normalized(written) == meant
    assert normalized(meant) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "https://",
        "ftp://my.site",
        "https://my.site:99999",
        "https://somebody:password@my.site",
        "https://token@my.site",
        "https://my.site/?token=abc-0123456789abcdef",
        "https://my.site/#secret",
        "http://[broken",
    ],
)
def test_what_is_refused(written: str) -> None:
    """Secrets do not belong in an address, and the error does not repeat them."""
    with pytest.raises(InvalidAddress) as raised:
        normalized(written)
    assert "password@" not in str(raised.value)
    assert "0123456789abcdef" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_encryption() -> None:
    """Plain http can be read by others."""
    assert is_encrypted("https://my.site")
    assert not is_encrypted("http://my.site")
