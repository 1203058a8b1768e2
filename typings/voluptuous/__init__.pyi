# Home Assistant since 2026.9 answers for voluptuous with its own probatio.
from probatio import *  # noqa: F403 - whatever it offers
