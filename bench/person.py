"""Name the person whose pumps are read in the bench."""

from zoneinfo import ZoneInfo

EMAIL = "wearer@example.com"
PASSWORD = "a password of the bench"
SECRET = "a secret of the bench"
ZONE = ZoneInfo("Europe/Berlin")
REGION = "us"
