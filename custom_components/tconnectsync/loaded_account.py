"""A loaded account, for triggers, conditions and assistants."""

from dataclasses import dataclass

from .coordinator import TconnectsyncCoordinator
from .glucose_unit import glucose_unit
from .read.pump_data import PumpData
from .runtime import TconnectsyncConfigEntry


@dataclass(frozen=True, slots=True)
class LoadedAccount:
    """A loaded account and its published data."""

    entry: TconnectsyncConfigEntry

    @property
    def coordinator(self) -> TconnectsyncCoordinator:
        """The coordinator of the account."""
        return self.entry.runtime_data.coordinator

    @property
    def data(self) -> PumpData:
        """The last published data."""
        return self.coordinator.data

    @property
    def glucose_unit(self) -> str:
        """The glucose unit from the options."""
        return glucose_unit(self.entry.options)
