"""Serve HTTP on the loopback interface, stop, and start again at the same port."""

import socket
import ssl
from urllib.parse import urlsplit

from aiohttp import web


class LoopbackServer:
    """A simulated service that other processes on this machine can reach."""

    def __init__(self) -> None:
        """Listen nowhere yet."""
        self.url = ""
        self._runner: web.AppRunner | None = None

    def _application(self) -> web.Application:
        """Return the application, once the address is known."""
        raise NotImplementedError

    async def start(
        self,
        host: str = "localhost",
        port: int = 0,
        *,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Listen; a second start takes the first one's port unless another is given."""
        if port == 0 and self.url:
            port = urlsplit(self.url).port or 0
        listener = socket.create_server(
            ("127.0.0.1" if host == "localhost" else host, port)
        )
        port = listener.getsockname()[1]
        self.url = f"{'https' if ssl_context else 'http'}://{host}:{port}"
        self._runner = web.AppRunner(
            self._application(), access_log=None, shutdown_timeout=0.5
        )
        await self._runner.setup()
        await web.SockSite(self._runner, listener, ssl_context=ssl_context).start()

    async def stop(self) -> None:
        """Stop listening; the data of the service stays."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
