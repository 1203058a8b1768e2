"""Long or outside trials: other people's programs, many days, many failures."""
