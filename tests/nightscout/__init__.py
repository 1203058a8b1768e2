"""Tests of Nightscout's documents, ledger and client."""
