"""Forms and checks of the set-up and the options."""
