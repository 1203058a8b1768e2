"""The cookies of a sign-in, stored so that Tandem recognises this visitor after a restart."""

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie

from aiohttp.abc import AbstractCookieJar
from yarl import URL


def cookies_of(jar: AbstractCookieJar, address: str) -> tuple[str, ...]:
    """Return the cookies that would be sent to an address, each in the form of a Set-Cookie header."""
    sent = jar.filter_cookies(URL(address))
    return tuple(
        morsel.OutputString()
        for morsel in jar
        if morsel.key in sent and sent[morsel.key].value == morsel.value
    )


def restore_cookies(
    jar: AbstractCookieJar, address: str, cookies: Iterable[str]
) -> None:
    """Restore stored cookies as if the address had set them, without damaged ones."""
    for stored in cookies:
        try:
            cookie: SimpleCookie = SimpleCookie(stored)
        except CookieError:
            continue
        jar.update_cookies(cookie, URL(address))
