"""How late a phone may upload what its pump logged."""

from custom_components.tconnectsync.instants import ONE_DAY

USUALLY_LATE = 2 * ONE_DAY
"""How far before the newest known event every poll reads."""
LATE_WITHIN = 28 * ONE_DAY
"""How late data may come and still be found."""
