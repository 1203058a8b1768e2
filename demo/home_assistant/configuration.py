"""Write the folder that Home Assistant starts from: no onboarding, nothing that looks around the network."""

from collections.abc import Sequence
import json
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]

CONFIGURATION = """\
# Written at every start of the demo.
homeassistant:
  name: Demo
  time_zone: {time_zone}
  unit_system: metric
  country: GB
  currency: GBP
  language: en

automation: !include automations.yaml
config:
history:
system_health:

logger:
  default: warning
  logs:
    haffmpeg: critical
    homeassistant.components.camera.img_util: critical
    homeassistant.loader: error
"""
PAGES = """
frontend:
logbook:
mobile_app:
"""
DONE = ["user", "core_config", "integration", "analytics"]


def write_configuration(
    folder: Path, *, time_zone: str, port: int, pages: bool, debug: Sequence[str] = ()
) -> None:
    """Write the files that every start needs, and those of the first start unless they are there."""
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    configuration = CONFIGURATION.format(time_zone=time_zone)
    configuration += "".join(f"    {name}: debug\n" for name in debug)
    (folder / "configuration.yaml").write_text(configuration + PAGES * pages)
    store(storage, "http", 1, {"server_host": ["127.0.0.1"], "server_port": port})
    if not (storage / "onboarding").exists():
        store(storage, "onboarding", 4, {"done": DONE})
    automations = folder / "automations.yaml"
    if not automations.exists():
        automations.write_text("[]\n")
    integrations = folder / "custom_components"
    if integrations.resolve() != REPOSITORY / "custom_components":
        integrations.unlink(missing_ok=True)
        integrations.symlink_to(REPOSITORY / "custom_components")


def store(storage: Path, key: str, version: int, data: dict[str, Any]) -> None:
    """Write one of Home Assistant's own storage files."""
    kept = {"version": version, "minor_version": 1, "key": key, "data": data}
    (storage / key).write_text(json.dumps(kept))
