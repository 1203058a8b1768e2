"""Reading an account: what is new, days of long ago, and what is derived from them."""
