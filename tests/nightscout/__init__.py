"""Documents, ledger and client of Nightscout."""
