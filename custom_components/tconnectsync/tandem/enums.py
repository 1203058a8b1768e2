"""The enumerations that the pump logs as numbers (Tandem Source, pump-logs answer)."""

from enum import IntEnum, StrEnum


class SluggedEnum(IntEnum):
    """A number of Tandem's that attributes and JSON show by a slug."""

    @property
    def slug(self) -> str:
        """Return the name of the member in lower case."""
        return self.name.lower()


class BasalRateChangeBit(IntEnum):
    """A bit that is set (3 changeType)."""

    TEMP_RATE_STARTED = 2
    TEMP_RATE_ENDED = 3
    SUSPENDED = 4
    RESUMED = 5
    SHUT_DOWN = 6


class BasalSource(SluggedEnum):
    """Who set the basal rate (279 commandedRateSource, 559 doseSource)."""

    SUSPENDED = 0
    PROFILE = 1
    TEMP_RATE = 2
    ALGORITHM = 3
    TEMP_RATE_AND_ALGORITHM = 4


class SuspendReason(IntEnum):
    """Why delivery stopped (11 suspendReason)."""

    USER = 0
    ALARM = 1
    MALFUNCTION = 2
    LOW_GLUCOSE = 6


class Completion(SluggedEnum):
    """How a bolus or a fill ended (20, 21, 61 and 63 completionStatus)."""

    USER_ABORTED = 0
    ALARM = 1
    MALFUNCTION = 2
    COMPLETED = 3
    REJECTED = 5
    LOW_GLUCOSE_SUSPEND = 6


class BolusType(IntEnum):
    """What kind of bolus was requested (64 bolusType)."""

    INSULIN = 0
    CARBS = 1
    AUTOMATIC = 2
    REMOTE = 3


class BolusOption(IntEnum):
    """How a bolus was requested (65 options)."""

    STANDARD = 0
    EXTENDED = 1
    QUICK = 2
    AUTOMATIC = 3
    REMOTE_STANDARD = 4
    REMOTE_EXTENDED = 5
    EATING_SOON_AUTOMATIC = 6
    LATE = 7
    REMOTE_RECOMMENDED = 8


class BolusSource(IntEnum):
    """Where a bolus was started (280 bolusSource)."""

    BUTTON = 0
    SCREEN = 1
    REMOTE = 5
    ALGORITHM = 7
    PHONE = 8
    EATING_SOON = 9
    PHONE_RECOMMENDED = 11


class AlarmKind(StrEnum):
    """The pump's four families of warnings."""

    ALARM = "alarm"
    MALFUNCTION = "malfunction"
    ALERT = "alert"
    CGM_ALERT = "cgm_alert"


ALARM_KINDS = (AlarmKind.ALARM, AlarmKind.MALFUNCTION)
"""The kinds for which a pump stops delivery, or may."""


class UserMode(SluggedEnum):
    """The activity set on the pump (229 and 313)."""

    NORMAL = 0
    SLEEP = 1
    EXERCISE = 2
    EATING_SOON = 3


class ControlMode(SluggedEnum):
    """Whether the pump adjusts basal automatically (230 and 313)."""

    NO_CONTROL = 0
    OPEN_LOOP = 1
    WAITING = 2
    CLOSED_LOOP = 3


class CgmType(SluggedEnum):
    """The type of sensor connected to the pump (313 and 563 sensorType)."""

    NONE = 0
    DEXCOM_G6 = 1
    LIBRE_2 = 2
    DEXCOM_G7 = 3
    LIBRE_3 = 4


class GlucoseStatus(IntEnum):
    """The meaning of a CGM reading's number (glucoseValueStatus)."""

    VALUE = 0
    HIGH = 1
    LOW = 2
    DO_NOT_SHOW = 6
