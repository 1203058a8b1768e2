"""Answers about a span of time: history, figures and reports."""
