"""The rules of the integration's triggers and conditions."""
