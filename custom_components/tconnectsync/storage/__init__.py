"""What outlives a restart: pump events, the account's state and the ledgers, in private files."""
