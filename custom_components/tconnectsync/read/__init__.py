"""Reading an account: its new events, older days, and the data derived from them."""
