"""Answers to what a person asks about a span of time: history, figures and reports."""
