"""A check that forms have texts for everything they show."""

from collections.abc import Mapping
import json
from pathlib import Path
from string import Formatter
from typing import Any

import probatio

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import SelectSelector

TRANSLATIONS = Path("custom_components/tconnectsync/translations/en.json")


def check_texts(flow: object, result: ConfigFlowResult) -> None:
    """Fail unless a browser can show the result, and all of its texts exist with filled placeholders."""
    texts = json.loads(TRANSLATIONS.read_text())
    own = texts["config" if isinstance(flow, ConfigFlow) else "options"]
    placeholders = result.get("description_placeholders") or {}
    match result["type"]:
        case FlowResultType.FORM:
            step = own["step"][result["step_id"]]
            shown = [step["title"], step.get("description", "")]
            shown += [own["error"][key] for key in (result["errors"] or {}).values()]
            form = result["data_schema"]
            assert form is not None
            assert probatio.to_field_list(form, custom_serializer=cv.custom_serializer)
            shown += _of_fields(form.schema, step, texts["selector"])
        case FlowResultType.MENU:
            step = own["step"][result["step_id"]]
            shown = [step["title"]]
            offered = result["menu_options"]
            assert isinstance(offered, list)
            shown += [step["menu_options"][option] for option in offered]
        case FlowResultType.ABORT if not result.get("translation_domain"):
            shown = [own["abort"][result["reason"]]]
        case _:
            shown = []
    for text in shown:
        gaps = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert gaps <= placeholders.keys(), text


def suggested(flow: ConfigFlowResult) -> dict[str, Any]:
    """Return the suggested values of a form's fields, without sections and defaults."""
    assert flow["data_schema"] is not None
    return {
        str(marker): marker.description["suggested_value"]
        for marker in flow["data_schema"].schema
        if marker.description
    }


def _of_fields(
    fields: Mapping[Any, Any], step: Mapping[str, Any], selectors: Mapping[str, Any]
) -> list[str]:
    """Return the texts of fields, and check those of their choices."""
    shown = []
    for marker, field in fields.items():
        name = str(marker)
        if isinstance(field, section):
            part = step["sections"][name]
            shown += [
                part["name"],
                *_of_fields(field.schema.schema, part, selectors),
            ]
            continue
        shown += [step["data"][name], step.get("data_description", {}).get(name, "")]
        if isinstance(field, SelectSelector) and (
            key := field.config.get("translation_key")
        ):
            options = selectors[key]["options"]
            assert all(
                option in options
                for option in field.config["options"]
                if isinstance(option, str)
            )
    return shown
