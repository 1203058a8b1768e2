"""A pytest plugin that lets the test tools of an older Home Assistant run with the newest.

It is loaded before the tools, because Home Assistant replaces httpx by httpx2 only while httpx is
not imported yet, and it provides the private name that moved.
"""

from homeassistant.components import logger
from homeassistant.components.logger import helpers

MOVED = "_clear_logger_overwrites"

vars(logger).setdefault(MOVED, vars(helpers)[MOVED])
