"""A pytest plugin that lets the test tools of an older Home Assistant run with the newest.

It is loaded before the tools, because Home Assistant puts httpx2 in the place of httpx only
while nobody has imported that, and it gives them the private name that moved.
"""

from homeassistant.components import logger
from homeassistant.components.logger import helpers

MOVED = "_clear_logger_overwrites"

vars(logger).setdefault(MOVED, vars(helpers)[MOVED])
