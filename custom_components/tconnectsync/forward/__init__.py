"""Forwarding to Nightscout: which documents a site should have, and how it gets them."""
