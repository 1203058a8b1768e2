"""Activity and control modes."""

from custom_components.tconnectsync.instants import MINUTES_A_DAY
from custom_components.tconnectsync.tandem.checked_fields import Properties
from custom_components.tconnectsync.tandem.enums import CgmType, ControlMode, UserMode
from custom_components.tconnectsync.tandem.event_types import (
    ControlModeChanged,
    DailyStatus,
    PumpEvent,
    UserModeChanged,
)

from .header import Decoder, Header


def _user_mode(fields: Properties, header: Header) -> PumpEvent:
    minutes = fields.optional_integer("exerciseTime", 1, MINUTES_A_DAY)
    return UserModeChanged(
        **header,
        mode=fields.optional_enum("currentUserMode", UserMode),
        previous=fields.optional_enum("previousUserMode", UserMode),
        requested=fields.optional_integer("requestedAction", 0, 254),
        timed_minutes=minutes if fields.flag("exerciseChoice") else None,
        by_schedule=bool(fields.bits("activeSleepSchedule"))
        and not fields.flag("sleepStartedByGui"),
        stopped_by_timer=fields.flag("exerciseStoppedByTimer")
        or fields.flag("eatingSoonStoppedByTimer"),
    )


def _control_mode(fields: Properties, header: Header) -> PumpEvent:
    return ControlModeChanged(
        **header,
        mode=fields.optional_enum("currentPcm", ControlMode),
        previous=fields.optional_enum("previousPcm", ControlMode),
        suspended=fields.flag("pumpSuspended"),
        cgm_available=fields.flag("cgmAvailable"),
        closed_loop_preferred=fields.flag("closedLoopPreferred"),
    )


def _daily_status(fields: Properties, header: Header) -> PumpEvent:
    control_mode = fields.optional_enum("pumpControlState", ControlMode)
    user_mode = fields.optional_enum("usermode", UserMode)
    return DailyStatus(
        **header,
        control_mode=control_mode,
        user_mode=user_mode,
        unknown_control_mode=control_mode is None
        and fields.optional_integer("pumpControlState", 0, 254) is not None,
        unknown_user_mode=user_mode is None
        and fields.optional_integer("usermode", 0, 254) is not None,
        cgm_type=fields.optional_enum("sensorType", CgmType),
    )


DECODERS: dict[int, Decoder] = {
    229: _user_mode,
    230: _control_mode,
    313: _daily_status,
    563: _daily_status,
}
