"""Waiting longer and longer, but not for ever."""

from custom_components.tconnectsync.backoff import Backoff


def test_each_pause_is_twice_as_long() -> None:
    """Up to the longest, and from the first again once it went well."""
    backoff = Backoff(60, 300)
    assert [backoff.next_delay() for _ in range(5)] == [60, 120, 240, 300, 300]
    assert backoff.failures == 5
    backoff.reset()
    assert (backoff.failures, backoff.next_delay()) == (0, 60)


def test_who_names_a_time_is_given_it() -> None:
    """Unless it is shorter; and it changes nothing for the next."""
    backoff = Backoff(60, 300)
    assert [backoff.next_delay(1000), backoff.next_delay(5)] == [1000, 120]
