"""Pauses between attempts grow up to a maximum."""

from custom_components.tconnectsync.backoff import Backoff


def test_each_pause_is_twice_as_long() -> None:
    """Each pause is twice as long up to the maximum, and a success resets it to the first."""
    backoff = Backoff(60, 300)
    assert [backoff.next_delay() for _ in range(5)] == [60, 120, 240, 300, 300]
    assert backoff.failures == 5
    backoff.reset()
    assert (backoff.failures, backoff.next_delay()) == (0, 60)


def test_who_names_a_time_is_given_it() -> None:
    """A longer pause that the service asks for is used once; a shorter one is ignored."""
    backoff = Backoff(60, 300)
    assert [backoff.next_delay(1000), backoff.next_delay(5)] == [1000, 120]
