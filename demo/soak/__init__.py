"""Live a month of a pump's life in minutes, with everything that may go wrong, and judge the end."""
