"""Forwarder to Nightscout: which documents a site is to hold, and bringing it in step."""
