"""The address of a Nightscout site as people write it."""

from yarl import URL

from .errors import InvalidAddress

API_PATHS = ("/api/v1", "/api/v2", "/api/v3", "/api")


def normalized(written: str) -> str:
    """Return the site's address without its API path, with https if no scheme was written.

    Raises InvalidAddress for anything else than a web address, and if it contains a user, password or token.
    """
    text = written.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        url = URL(text)
        port = url.port
    except ValueError:
        url, port = URL(), None
    if url.scheme not in ("http", "https") or not url.host or not port:
        raise InvalidAddress("not a web address")
    if url.user or url.password:
        raise InvalidAddress("the address must not hold a user name or password")
    if url.query_string or url.fragment:
        raise InvalidAddress("the address must not hold a query or token")
    path = url.path.rstrip("/")
    for api_path in API_PATHS:
        path = path.removesuffix(api_path)
    return str(url.with_path(path.rstrip("/"))).rstrip("/")


def is_encrypted(address: str) -> bool:
    """Return whether requests to a normalized address are encrypted."""
    return URL(address).scheme == "https"
