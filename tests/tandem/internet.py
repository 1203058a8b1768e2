"""A small internet in which Tandem's own host names lead to a simulated Tandem Source."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
import socket
import ssl
from tempfile import TemporaryDirectory
from typing import override

import aiohttp
from aiohttp.abc import ResolveResult
from yarl import URL

from demo.tandem.certificate import HOSTS, make_certificate
from demo.tandem.loopback import Loopback
from demo.tandem.server import SimulatedTandem


class Names(Loopback):
    """A resolver that maps known names to one port of this machine and resolves no others."""

    def __init__(self, names: Collection[str], port: int) -> None:
        """Map these names to this port."""
        super().__init__(port)
        self.names = names

    @override
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        """Return the address of a name."""
        if host not in self.names:
            raise OSError(None, f"{host} is unknown")
        return await super().resolve(host, port, family)


@asynccontextmanager
async def internet_of(
    tandem: SimulatedTandem,
    *,
    names: Collection[str] = HOSTS,
    trusting: bool = True,
) -> AsyncIterator[aiohttp.ClientSession]:
    """Run Tandem under its own host names with TLS, and give a session that reaches it."""
    with TemporaryDirectory() as folder:
        certificate = make_certificate(Path(folder))
        trusted = certificate.for_client() if trusting else ssl.create_default_context()
        await tandem.start(ssl_context=certificate.for_server())
    connector = aiohttp.TCPConnector(
        resolver=Names(names, URL(tandem.url).port or 0), ssl=trusted
    )
    try:
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.CookieJar()
        ) as session:
            yield session
    finally:
        await tandem.stop()
