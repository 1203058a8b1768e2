"""Tests of the forms and checks of the set-up and the options."""
