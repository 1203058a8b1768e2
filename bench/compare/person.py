"""The person whose pumps are compared."""

EMAIL, PASSWORD, SECRET = "wearer@example.com", "a password", "a secret of the bench"
