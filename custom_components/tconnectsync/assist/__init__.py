"""What a voice assistant or a language model may learn of an account, always with the instant it holds for."""
