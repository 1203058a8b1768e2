"""Nightscout: documents built from records, compared with a ledger and sent."""
