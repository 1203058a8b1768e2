"""Storage across restarts: pump events, the account's state and the ledgers, in private files."""
