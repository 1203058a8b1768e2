"""Records of what happened, the pump's clock, and its state, all derived from the pump's events.

Kinds of unknown, which have one word each:
unreadable: an event that was logged, and cannot be decoded (unreadable.py).
log gap: skipped sequence numbers, whose events were lost or have not been uploaded (log_gaps.py).
missing: events that are unreadable, in a log gap, or lost from the store (missing_events.py).
basal gap: a span for which it is unknown whether basal insulin flowed (basal_gaps.py).
unread: a pump whose log has not been read to its end.
"""
