"""Resolve every host name to this machine."""

import socket
from typing import override

from aiohttp.abc import AbstractResolver, ResolveResult


class Loopback(AbstractResolver):
    """Leads every host name to one port of this machine."""

    def __init__(self, port: int) -> None:
        """Lead there."""
        self._port = port

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return where a name leads."""
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    @override
    async def close(self) -> None:
        """There is nothing to close."""
