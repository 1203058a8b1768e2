"""The dashboard card, and the websocket commands that it calls."""
