"""Answer with the version of Nightscout and the rights of the caller."""

from dataclasses import dataclass
from datetime import datetime
import json
from typing import Any

from aiohttp import web

from .access import Grant
from .dates import epoch, stamp


@dataclass(slots=True, kw_only=True)
class Site:
    """The settings of one Nightscout."""

    version: str
    units: str
    default_roles: tuple[str, ...]
    careportal: bool
    name: str = "Nightscout"

    def status(self, now: datetime) -> dict[str, Any]:
        """Return status.json."""
        features = ["careportal"] if self.careportal else []
        features += [
            "boluscalc",
            "delta",
            "direction",
            "upbat",
            "iob",
            "cob",
            "basal",
            "pump",
        ]
        return {
            "status": "ok",
            "name": self.name,
            "version": self.version,
            "serverTime": stamp(now),
            "serverTimeEpoch": epoch(now),
            "apiEnabled": True,
            "careportalEnabled": self.careportal,
            "boluscalcEnabled": True,
            "settings": {
                "units": self.units,
                "timeFormat": 24,
                "language": "en",
                "customTitle": self.name,
                "enable": features,
                "authDefaultRoles": " ".join(self.default_roles),
                "thresholds": {
                    "bgHigh": 260,
                    "bgTargetTop": 180,
                    "bgTargetBottom": 80,
                    "bgLow": 55,
                },
            },
            "extendedSettings": {"devicestatus": {"advanced": True}},
            "authorized": None,
            "runtimeState": "loaded",
        }

    def answer(self, wanted: str, now: datetime) -> web.Response:
        """Answer with the status in the requested format."""
        match wanted:
            case "json":
                return web.json_response(self.status(now))
            case "js":
                script = f"this.serverSettings = {json.dumps(self.status(now))} ;"
                return web.Response(text=script, content_type="application/javascript")
            case "txt":
                return web.Response(text="STATUS OK")
            case "png" | "svg":
                badge = f"http://img.shields.io/badge/Nightscout-OK-green.{wanted}"
                return web.Response(status=302, headers={"Location": badge})
            case _:
                return web.Response(text="<h1>STATUS OK</h1>", content_type="text/html")


def wanted_form(extension: str, accept: str) -> str:
    """Return the format of a response: by the path's extension, or else by the accepted types."""
    if extension:
        return extension
    forms = {
        "text/html": "html",
        "*/*": "html",
        "application/json": "json",
        "text/plain": "txt",
        "image/png": "png",
    }
    return next((form for kind, form in forms.items() if kind in accept), "html")


def verify(grant: Grant) -> dict[str, Any]:
    """Return verifyauth: always status 200; canWrite asks for more than writing takes."""
    readable = grant.allows("*:*:read")
    return {
        "status": 200,
        "message": {
            "canRead": readable,
            "canWrite": grant.allows("*:*:write"),
            "isAdmin": grant.allows("*:*:admin"),
            "message": "OK" if readable and not grant.default else "UNAUTHORIZED",
            "rolefound": "FOUND" if grant.subject else "NOTFOUND",
            "permissions": "DEFAULT" if grant.default else "ROLE",
        },
    }
