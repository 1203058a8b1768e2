"""The pump's clock: the conversion of the times it shows to UTC, and whether that is certain."""
