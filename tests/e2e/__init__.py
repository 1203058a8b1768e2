"""Home Assistant's pages in a real browser; run by scripts/e2e."""
