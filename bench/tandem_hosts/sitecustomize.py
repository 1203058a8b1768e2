"""Leads Tandem's host names to this machine, in any Python that finds this file on its path."""

import os
import socket
from typing import Any

look_up = socket.getaddrinfo


def look_up_here(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
    """Look a host up, Tandem's on the loopback interface."""
    if str(host).endswith(".tandemdiabetes.com"):
        host, port = "127.0.0.1", int(os.environ["SIMULATED_TANDEM_PORT"])
    return look_up(host, port, *args, **kwargs)


socket.getaddrinfo = look_up_here
