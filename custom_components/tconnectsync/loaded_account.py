"""What triggers, conditions and assistants ask of an account that is loaded."""

from dataclasses import dataclass

from .coordinator import TconnectsyncCoordinator
from .glucose_unit import glucose_unit
from .read.pump_data import PumpData
from .runtime import TconnectsyncConfigEntry


@dataclass(frozen=True, slots=True)
class LoadedAccount:
    """A loaded account, and what it has published."""

    entry: TconnectsyncConfigEntry

    @property
    def coordinator(self) -> TconnectsyncCoordinator:
        """What publishes the account."""
        return self.entry.runtime_data.coordinator

    @property
    def data(self) -> PumpData:
        """What is known."""
        return self.coordinator.data

    @property
    def glucose_unit(self) -> str:
        """The unit in which the person reads glucose."""
        return glucose_unit(self.entry.options)
