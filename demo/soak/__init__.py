"""A month of a pump's life in minutes, with everything that may go wrong, and a judge at the end."""
