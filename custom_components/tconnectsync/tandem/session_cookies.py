"""The cookies of a sign-in, kept so that Tandem knows this visitor again after a restart."""

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie

from aiohttp.abc import AbstractCookieJar
from yarl import URL


def cookies_of(jar: AbstractCookieJar, address: str) -> tuple[str, ...]:
    """Return the cookies that an address would be sent, each as a server would set it."""
    sent = jar.filter_cookies(URL(address))
    return tuple(
        morsel.OutputString()
        for morsel in jar
        if morsel.key in sent and sent[morsel.key].value == morsel.value
    )


def restore_cookies(
    jar: AbstractCookieJar, address: str, cookies: Iterable[str]
) -> None:
    """Put kept cookies back as if the address had set them; damaged ones are left out."""
    for kept in cookies:
        try:
            cookie: SimpleCookie = SimpleCookie(kept)
        except CookieError:
            continue
        jar.update_cookies(cookie, URL(address))
