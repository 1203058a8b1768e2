"""Cookies are restored after a restart, and damaged ones are dropped."""

import aiohttp
import pytest
from yarl import URL

from custom_components.tconnectsync.tandem.session_cookies import (
    cookies_of,
    restore_cookies,
)

ACCOUNTS = "https://tdcservices.tandemdiabetes.com/accounts/api"


@pytest.mark.parametrize(
    "domain", ["; Domain=tandemdiabetes.com", ""], ids=["domain", "host"]
)
async def test_what_was_set_is_sent_again(domain: str) -> None:
    """Cookies are sent to the hosts that set them, and to no others."""
    before, after = aiohttp.CookieJar(), aiohttp.CookieJar()
    set_cookies(before, f"idsrv.session=abc123{domain}; Path=/; Secure; HttpOnly")
    restore_cookies(after, ACCOUNTS, cookies_of(before, ACCOUNTS))
    assert after.filter_cookies(URL(ACCOUNTS))["idsrv.session"].value == "abc123"
    elsewhere = URL("https://example.org/")
    assert "idsrv.session" not in after.filter_cookies(elsewhere)


async def test_cookies_of_other_hosts_are_not_kept() -> None:
    """Only cookies of Tandem's sign-in hosts are stored."""
    jar = aiohttp.CookieJar()
    set_cookies(jar, "page=1", "https://sso.tandemdiabetes.com/")
    assert cookies_of(jar, ACCOUNTS) == ()


@pytest.mark.parametrize("kept", ["", "=", "a b=c", "\x00=1", "a,b=1", "x" * 10_000])
async def test_what_is_no_cookie_is_left_out(kept: str) -> None:
    """A damaged file only costs another sign-in."""
    jar = aiohttp.CookieJar()
    restore_cookies(jar, ACCOUNTS, [kept, "sound=1"])
    assert [cookie.key for cookie in jar if cookie.key == "sound"] == ["sound"]


def set_cookies(jar: aiohttp.CookieJar, header: str, address: str = ACCOUNTS) -> None:
    """Set a cookie like a server at an address."""
    restore_cookies(jar, address, [header])
