"""Answers for voice assistants and language models, each with the instant of its data."""
