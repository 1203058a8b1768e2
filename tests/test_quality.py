"""Rules of Home Assistant's quality scale that can be checked automatically."""

import ast
from collections.abc import Iterator
from datetime import timedelta
import json
import struct
from typing import Any

import pytest
import voluptuous as vol

from custom_components.tconnectsync.automations.trigger_options import (
    ALARM_SLUGS,
    ALERT_SLUGS,
    BOLUS_KINDS,
)
from custom_components.tconnectsync.condition import CONDITIONS
from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.device import MANUFACTURER
from custom_components.tconnectsync.issues import FIXED_IN_A_FLOW, Issue
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.queries.record_json import KINDS
from custom_components.tconnectsync.services import FEATURES
from custom_components.tconnectsync.trigger import TRIGGERS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition, trigger
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict

from .test_repository import INTEGRATION, ROOT, load

PUMP = {"integration": DOMAIN, "manufacturer": MANUFACTURER}
"""The pump's device, as distinguished from the device of its Nightscout."""
RULES = [
    "action-setup",
    "appropriate-polling",
    "brands",
    "common-modules",
    "config-flow",
    "config-flow-test-coverage",
    "dependency-transparency",
    "docs-actions",
    "docs-triggers",
    "docs-conditions",
    "docs-high-level-description",
    "docs-installation-instructions",
    "docs-removal-instructions",
    "entity-event-setup",
    "entity-unique-id",
    "has-entity-name",
    "runtime-data",
    "test-before-configure",
    "test-before-setup",
    "unique-config-entry",
    "action-exceptions",
    "config-entry-unloading",
    "docs-configuration-parameters",
    "docs-installation-parameters",
    "entity-unavailable",
    "integration-owner",
    "log-when-unavailable",
    "parallel-updates",
    "reauthentication-flow",
    "test-coverage",
    "devices",
    "diagnostics",
    "discovery",
    "discovery-update-info",
    "docs-data-update",
    "docs-examples",
    "docs-known-limitations",
    "docs-supported-devices",
    "docs-supported-functions",
    "docs-troubleshooting",
    "docs-use-cases",
    "dynamic-devices",
    "entity-category",
    "entity-device-class",
    "entity-disabled-by-default",
    "entity-translations",
    "exception-translations",
    "icon-translations",
    "reconfiguration-flow",
    "repair-issues",
    "stale-devices",
    "async-dependency",
    "inject-websession",
    "strict-typing",
]
SHOWN_ERRORS = {
    "ConfigEntryAuthFailed",
    "ConfigEntryError",
    "ConfigEntryNotReady",
    "HomeAssistantError",
    "ServiceValidationError",
    "UpdateFailed",
}
"""Exceptions whose messages users see."""
MANIFEST_KEYS = {
    "categories",
    "connectivity",
    "after_dependencies",
    "codeowners",
    "config_flow",
    "dependencies",
    "documentation",
    "domain",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "loggers",
    "name",
    "quality_scale",
    "requirements",
    "single_config_entry",
    "version",
}
NO_FORM = {"reauth"}
TEXTS = load(INTEGRATION / "translations" / "en.json")
ICONS = load(INTEGRATION / "icons.json")
ACTIONS = {
    name: action
    for name, action in load_yaml_dict(str(INTEGRATION / "services.yaml")).items()
    if not name.startswith(".")
}


def described(file: str) -> dict[str, Any]:
    """Return the descriptions in a file, without its anchors."""
    return {
        name: about
        for name, about in load_yaml_dict(str(INTEGRATION / file)).items()
        if not name.startswith(".")
    }


AUTOMATIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "triggers": (described("triggers.yaml"), dict(TRIGGERS)),
    "conditions": (described("conditions.yaml"), dict(CONDITIONS)),
}
CODE = {path: ast.parse(path.read_text()) for path in INTEGRATION.rglob("*.py")}


def nodes[N: ast.AST](kind: type[N], *names: str) -> Iterator[N]:
    """Yield all syntax nodes of a kind in these modules, or in all modules."""
    for path, tree in CODE.items():
        if not names or path.stem in names:
            yield from (node for node in ast.walk(tree) if isinstance(node, kind))


def words(*names: str) -> set[str]:
    """Return all string constants in these modules."""
    return {
        node.value
        for node in nodes(ast.Constant, *names)
        if isinstance(node.value, str)
    }


def called(call: ast.Call) -> str:
    """Return the name of the called function."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def forms(*names: str) -> set[str]:
    """Return the steps of the flows in these modules."""
    return {
        node.name.removeprefix("async_step_")
        for node in nodes(ast.AsyncFunctionDef, *names)
        if node.name.startswith("async_step_")
    } - NO_FORM


def test_all_rules_are_met() -> None:
    """Every rule of the scale is listed once, and is done or exempt for a reason."""
    rules: Any = load_yaml_dict(str(INTEGRATION / "quality_scale.yaml"))["rules"]
    assert len(RULES) == 54
    assert sorted(rules) == sorted(RULES)
    for rule, stands in rules.items():
        if stands != "done":
            assert stands["status"] in ("done", "exempt"), rule
            assert stands["comment"], rule


def test_manifest_is_complete() -> None:
    """The manifest has all keys that a custom integration needs, and no unknown ones."""
    manifest = load(INTEGRATION / "manifest.json")
    assert set(manifest) <= MANIFEST_KEYS
    assert {"codeowners", "documentation", "issue_tracker", "version"} <= set(manifest)
    assert manifest["iot_class"] == "cloud_polling"
    assert manifest["integration_type"] == "hub"
    assert manifest["issue_tracker"] == f"{manifest['documentation']}/issues"
    assert all(owner.startswith("@") for owner in manifest["codeowners"])


def test_everything_that_is_raised_is_translated() -> None:
    """All exceptions that users see are translated."""
    raised = [
        (path.name, node)
        for path, tree in CODE.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) in SHOWN_ERRORS
    ]
    assert raised
    for name, call in raised:
        given = {keyword.arg for keyword in call.keywords}
        assert {"translation_domain", "translation_key"} <= given, (name, call.lineno)
        assert not call.args, (name, call.lineno)


def test_every_exception_has_words_and_every_word_is_used() -> None:
    """Every translated exception is used, and every used key is translated."""
    known = set(TEXTS["exceptions"])
    assert known <= words()
    named = {
        keyword.value.value
        for call in nodes(ast.Call)
        if called(call) in SHOWN_ERRORS
        for keyword in call.keywords
        if keyword.arg == "translation_key" and isinstance(keyword.value, ast.Constant)
    }
    named |= {
        call.args[0].value
        for call in nodes(ast.Call, "services")
        if called(call) == "_invalid" and isinstance(call.args[0], ast.Constant)
    }
    named |= {
        node.value.value
        for function in nodes(ast.FunctionDef, "error_texts")
        if function.name == "translation_key_for"
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant)
    }
    assert len(named) > 10
    assert named <= known


def test_forms_have_words_and_nothing_else_has() -> None:
    """All translated steps, errors and abort reasons are used; tests of flows check that none is missing."""
    assert set(TEXTS["config"]["step"]) == forms("config_flow")
    assert set(TEXTS["options"]["step"]) == forms("options")
    used = words(
        *("config_flow", "error_texts", "account_checks", "nightscout_checks"),
        *("options", "sign_in_again"),
    )
    own = {
        "already_configured",
        "reauth_successful",
        "reconfigure_successful",
        "unknown",
    }
    assert set(TEXTS["config"]["error"]) | set(TEXTS["options"]["error"]) <= used | own
    assert set(TEXTS["config"]["abort"]) <= used | own


def test_issues_have_words_and_nothing_else_has() -> None:
    """Each repair issue has a title, and either the texts of its flow or a description."""
    assert set(TEXTS["issues"]) == set(Issue)
    for issue, texts in TEXTS["issues"].items():
        assert texts["title"].startswith("{account}: ")
        assert ("fix_flow" in texts) == (issue in FIXED_IN_A_FLOW)
        assert ("description" in texts) != ("fix_flow" in texts)


GLUCOSE_UNITS = ["mg/dL", "mmol/L"]
"""Units that are the same in every language."""


def test_choices_have_words_and_nothing_else_has() -> None:
    """All choices of forms and actions are translated, and no others."""
    keys = {
        keyword.value.value
        for call in nodes(ast.Call, "forms")
        for keyword in call.keywords
        if keyword.arg == "translation_key" and isinstance(keyword.value, ast.Constant)
    } | {"region", "pump", "features"}
    asked = [
        field["selector"]["select"]
        for described in (
            ACTIONS,
            *(described for described, _ in AUTOMATIONS.values()),
        )
        for one in described.values()
        for field in one.get("fields", {}).values()
        if "select" in field["selector"]
    ]
    asked = [one for one in asked if one["options"] != GLUCOSE_UNITS]
    assert set(TEXTS["selector"]) == keys | {one["translation_key"] for one in asked}
    for one in asked:
        assert set(one["options"]) <= set(
            TEXTS["selector"][one["translation_key"]]["options"]
        )
    assert list(TEXTS["selector"]["features"]["options"]) == list(Feature)
    assert list(TEXTS["selector"]["kinds"]["options"]) == list(KINDS)


@pytest.mark.usefixtures("recorder_mock")
async def test_actions_are_described_as_they_are(hass: HomeAssistant) -> None:
    """Each action has fields, texts and an icon that match its schema."""
    assert await async_setup_component(hass, DOMAIN, {})
    registered = hass.services.async_services_for_domain(DOMAIN)
    assert set(registered) == set(ACTIONS) == set(TEXTS["services"])
    assert set(ICONS["services"]) == set(ACTIONS)
    for name, action in ACTIONS.items():
        schema = registered[name].schema
        assert isinstance(schema, vol.Schema)
        fields = {str(marker): marker for marker in schema.schema}
        assert (
            set(action["fields"])
            == set(fields)
            == set(TEXTS["services"][name]["fields"])
        )
        for field, described in action["fields"].items():
            required = type(fields[field]).__name__ == "Required"
            assert described.get("required", False) == required, (name, field)
    offered = ACTIONS["backfill"]["fields"]["features"]["selector"]["select"]["options"]
    assert offered == FEATURES
    assert ACTIONS["get_history"]["fields"]["kinds"]["selector"]["select"][
        "options"
    ] == list(KINDS)


@pytest.mark.parametrize("part", AUTOMATIONS)
def test_triggers_and_conditions_are_described_as_they_are(part: str) -> None:
    """Each trigger and condition has fields, texts and an icon that match its schema."""
    described, known = AUTOMATIONS[part]
    assert set(described) == set(known) == set(TEXTS[part]) == set(ICONS[part])
    for name, about in described.items():
        schema = known[name].schema.schema["options"]
        fields = {str(marker): marker for marker in schema}
        assert set(about.get("fields", {})) == set(fields), name
        assert set(TEXTS[part][name].get("fields", {})) == set(fields), name
        assert about["target"]["entity"], name
        assert about["target"]["device"] == [PUMP], name
        for field, shown in about.get("fields", {}).items():
            required = type(fields[field]).__name__ == "Required"
            assert shown.get("required", False) == required, (name, field)


def test_kinds_that_are_offered_are_all_there_are() -> None:
    """All kinds are offered in the order of their numbers, with the names that entities use."""
    for name, kinds in (
        ("alarm_kinds", ALARM_SLUGS),
        ("alert_kinds", ALERT_SLUGS),
        ("bolus_kinds", BOLUS_KINDS),
    ):
        assert list(TEXTS["selector"][name]["options"]) == list(kinds)
    offered = {
        field["selector"]["select"]["translation_key"]: field["selector"]["select"][
            "options"
        ]
        for described, _ in AUTOMATIONS.values()
        for one in described.values()
        for field in one.get("fields", {}).values()
        if "select" in field["selector"]
    }
    assert offered == {
        "alarm_kinds": list(ALARM_SLUGS),
        "alert_kinds": list(ALERT_SLUGS),
        "bolus_kinds": list(BOLUS_KINDS),
    }


def test_defaults_and_limits_that_are_shown_are_those_that_hold() -> None:
    """The code accepts the limits of the form fields, and has the same defaults."""
    checked = set()
    for described, known in AUTOMATIONS.values():
        for name, about in described.items():
            schema = known[name].schema.schema["options"]
            options = {str(marker): marker for marker in schema}
            for field, shown in about.get("fields", {}).items():
                marker = options[field]
                if number := shown["selector"].get("number"):
                    for limit in (number["min"], number["max"]):
                        assert schema[marker](limit) == limit, (name, field)
                        checked.add(field)
                default, required = shown.get("default"), shown.get("required")
                if isinstance(default, dict) and not required:
                    assert marker.default() == timedelta(**default), (name, field)
                    checked.add(field)
    assert checked == {"at_least", "lasts", "limit"}


@pytest.mark.usefixtures("recorder_mock")
async def test_home_assistant_takes_triggers_and_conditions(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Home Assistant accepts all descriptions and their selectors."""
    assert await async_setup_component(hass, DOMAIN, {})
    await trigger.async_setup(hass)
    await condition.async_setup(hass)
    await hass.async_block_till_done()
    triggers = await trigger.async_get_all_descriptions(hass)
    conditions = await condition.async_get_all_descriptions(hass)
    for name in TRIGGERS:
        assert triggers[f"{DOMAIN}.{name}"]
    for name in CONDITIONS:
        assert conditions[f"{DOMAIN}.{name}"]
    assert "Unable to parse" not in caplog.text


def test_system_health_has_words_and_nothing_else_has() -> None:
    """All translated entries of system health are used, including those for each region."""
    checks = {
        key.rpartition("_")[0] + "_" if key.endswith(("_demo", "_eu", "_us")) else key
        for key in TEXTS["system_health"]["info"]
    }
    assert checks <= words("system_health")


def test_pictures_are_of_home_assistants_own() -> None:
    """All icons are from Home Assistant's own set."""

    def found(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            for value in part.values():
                yield from found(value)
        else:
            yield part

    icons = list(found(ICONS))
    assert icons
    assert [icon for icon in icons if not icon.startswith("mdi:")] == []


def test_platforms_say_how_many_calls_may_run_at_once() -> None:
    """Platforms do not limit parallel updates, because the coordinator fetches for all entities."""
    for platform in ("binary_sensor", "button", "event", "sensor"):
        assert "PARALLEL_UPDATES = 0" in (INTEGRATION / f"{platform}.py").read_text()


@pytest.mark.parametrize(("name", "size"), [("icon.png", 256), ("icon@2x.png", 512)])
def test_brand_images_have_their_size(name: str, size: int) -> None:
    """Brand images are square PNG files of the required sizes."""
    head = (INTEGRATION / "brand" / name).read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) == (size, size)


def test_blueprints_say_where_they_are() -> None:
    """Blueprints have their source URL, and select the pump's device, not the Nightscout's."""
    documentation = load(INTEGRATION / "manifest.json")["documentation"]
    for path in (ROOT / "blueprints").rglob("*.yaml"):
        about: Any = load_yaml_dict(str(path))["blueprint"]
        place = path.relative_to(ROOT).as_posix()
        assert about["source_url"] == f"{documentation}/blob/main/{place}"
        pump = about["input"].get("pump")
        assert pump is None or pump["selector"]["device"]["filter"] == [PUMP], place


def test_texts_are_in_order() -> None:
    """Translations are sorted, except where the order has a meaning."""
    for part in ("issues", "exceptions", "services", "triggers", "conditions"):
        assert list(TEXTS[part]) == sorted(TEXTS[part]), part
    for platform, keys in TEXTS["entity"].items():
        assert list(keys) == sorted(keys), platform
    text = (INTEGRATION / "translations" / "en.json").read_text()
    assert text == json.dumps(TEXTS, indent=2, ensure_ascii=False) + "\n"
