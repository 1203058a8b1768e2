"""A simulated pump, Tandem Source and Nightscout: for the demo, and as the tests' judges."""
