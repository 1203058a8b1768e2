"""What happened: records, clock and state derived from the pump's events."""
