"""Name the person whose pumps are read in the bench."""

from zoneinfo import ZoneInfo

EMAIL = "wearer@example.com"
PASSWORD = "a password of the bench"
SECRET = "a secret of the bench"
ZONE = ZoneInfo("America/Phoenix")
"""A zone without summer time: these pumps' clocks are not changed, and a clock that is an hour off is measured elsewhere."""
REGION = "us"
