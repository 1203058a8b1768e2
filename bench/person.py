"""Name the person whose pumps are read in the bench."""

from zoneinfo import ZoneInfo

EMAIL = "wearer@example.com"
PASSWORD = "a password of the bench"
SECRET = "a secret of the bench"
ZONE = ZoneInfo("America/Phoenix")
"""Without summer time: nobody moves these pumps' clocks, and one that is an hour off is another matter to measure."""
REGION = "us"
