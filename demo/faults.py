"""Choose which requests to a simulated service fail, by path, for a number of times or until cleared."""

from dataclasses import dataclass, field

from aiohttp import web


@dataclass(slots=True, kw_only=True)
class RequestFault:
    """Something wrong with requests whose path contains `path`, `times` times (None: until cleared)."""

    path: str = "/"
    method: str | None = None
    times: int | None = 1
    skip: int = 0
    """Requests that still succeed before the fault starts."""

    def meets(self, request: web.Request) -> bool:
        """Return whether this fault concerns a request, and count the request."""
        if (
            self.path not in request.path
            or self.method not in (None, request.method)
            or self.times == 0
        ):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class Faults[AnyFault: RequestFault]:
    """The faults in force; the first that meets a request has it."""

    rules: list[AnyFault] = field(default_factory=list)

    def add(self, fault: AnyFault) -> AnyFault:
        """Put a fault in force."""
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """Heal everything."""
        self.rules.clear()

    def for_request(self, request: web.Request) -> AnyFault | None:
        """Return the fault that meets a request, if one does."""
        return next((fault for fault in self.rules if fault.meets(request)), None)
