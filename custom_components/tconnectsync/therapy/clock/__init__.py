"""The pump's clock: which instant each time that it showed was, and whether that is certain."""
