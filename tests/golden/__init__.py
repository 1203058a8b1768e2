"""The player of the histories in tests/cases: it reads, plays and judges them."""
