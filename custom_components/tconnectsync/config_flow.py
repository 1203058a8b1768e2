"""From an email and a password to an account with its pump and its Nightscout."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_EMAIL, CONF_NAME, CONF_REGION, CONF_VERIFY_SSL
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow

from .const import (
    AUTOMATIC_PUMP,
    CONF_FEATURES,
    CONF_FIRST_DAYS,
    CONF_GLUCOSE_UNIT,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
    CONF_NUMBER,
    CONF_PERSON,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    CONF_STALE_AFTER,
    DEFAULT_STALE_AFTER_MINUTES,
    DOMAIN,
)
from .device import numbered
from .flows.account_checks import (
    FormError,
    SignedIn,
    async_attempt,
    async_pump_warning,
    async_sign_in,
    chosen_pump,
)
from .flows.flow_token import keep_flow_token
from .flows.forms import (
    NAME_FORM,
    PASSWORD_FORM,
    FormFlow,
    account_form,
    async_pump_form,
    nightscout_form,
)
from .flows.nightscout_checks import (
    SECTION_CONNECTION,
    address_warning,
    async_check_nightscout,
    read_nightscout,
)
from .flows.options import TconnectsyncOptionsFlow
from .flows.person_form import person_form
from .flows.unique_id import is_of_account, is_set_up, person_of, unique_id_of
from .glucose_unit import default_glucose_unit
from .nightscout.features import DEFAULT_FEATURES
from .tandem import Person

NIGHTSCOUT_KEYS = (
    CONF_NIGHTSCOUT_URL,
    CONF_NIGHTSCOUT_SECRET,
    CONF_VERIFY_SSL,
    CONF_FIRST_DAYS,
)
NAME_KEYS = (CONF_NAME, CONF_NUMBER)
REGION_TITLES = {"us": "US", "eu": "EU", "demo": "Demo"}


class TconnectsyncConfigFlow(FormFlow, ConfigFlow, domain=DOMAIN):
    """Add an account, or change how it is reached; what is typed is tried before it is kept."""

    VERSION = 1
    MINOR_VERSION = 1

    _account: SignedIn
    _known_entry: ConfigEntry
    _person: Person
    _data: dict[str, Any]
    _pump: dict[str, Any]

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> TconnectsyncOptionsFlow:
        """Return the form behind "Configure"."""
        return TconnectsyncOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask who signs in, and where."""
        error: FormError | None = None
        if user_input is not None:
            account, error = await async_attempt(async_sign_in(self.hass, user_input))
            if account is not None:
                self._account, self._data = account, user_input
                return await self._async_person()
        country = self.hass.config.country
        likely = {CONF_REGION: "us" if country == "US" else "eu"} if country else {}
        return self.show(
            "user", account_form(), user_input or likely, error, last_step=False
        )

    async def async_step_person(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whose pump the entry is about, of the people that the account names."""
        persons = self._account.persons
        if user_input is None:
            return self.show("person", person_form(persons), None, last_step=False)
        chosen = user_input[CONF_PERSON]
        return await self._async_choose(
            next(person for person in persons if person.pumper_id == chosen)
        )

    async def _async_person(self) -> ConfigFlowResult:
        """Go on with the owner of the account, or ask whose pump is meant where it names others."""
        if self._account.is_shared:
            return await self.async_step_person()
        return await self._async_choose(self._account.persons[0])

    async def _async_choose(self, person: Person) -> ConfigFlowResult:
        """Go on with a person who is not set up yet, or keep the one of an entry that had none."""
        self._person = person
        if self._account.is_shared:
            self._data = {**self._data, CONF_PERSON: person.pumper_id}
        if self.source != SOURCE_USER:
            return self._signed_in_anew(person.pumper_id)
        account = self._account
        if is_set_up(self._async_current_entries(), account, person.pumper_id):
            return self.async_abort(reason="already_configured")
        await self.async_set_unique_id(
            unique_id_of(account, person.pumper_id), raise_on_progress=False
        )
        return await self.async_step_pump()

    async def async_step_pump(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the pump and the zone of its clock."""
        pumper = self._person.pumper
        warning: FormError | None = None
        if user_input is not None:
            warning = await async_pump_warning(pumper, user_input)
            if not self.should_warn(warning):
                self._pump = user_input
                return await self.async_step_nightscout()
        likely = {
            CONF_PUMP: AUTOMATIC_PUMP,
            CONF_PUMP_TIME_ZONE: self.hass.config.time_zone,
        }
        form = await async_pump_form(self.hass, pumper.pumps)
        form = form.extend(NAME_FORM.schema)
        return self.show("pump", form, user_input or likely, warning, last_step=False)

    async def async_step_nightscout(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where to forward to, if anywhere."""
        error: FormError | None = None
        if user_input is not None:
            nightscout, error = await async_attempt(
                self._async_nightscout(user_input, {}, DEFAULT_FEATURES)
            )
            if nightscout is not None:
                return self._create_entry(nightscout)
        return self.show("nightscout", nightscout_form(), user_input, error)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Sign in again after Tandem refused the password that is kept."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the new password."""
        entry = self._get_reauth_entry()
        return await self._async_sign_in_anew(
            "reauth_confirm",
            entry,
            PASSWORD_FORM,
            user_input,
            {},
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what is otherwise now."""
        return self.async_show_menu(
            menu_options=[
                "reconfigure_tandem",
                "reconfigure_nightscout",
                "reconfigure_name",
            ]
        )

    async def async_step_reconfigure_tandem(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how the same account signs in now."""
        entry = self._get_reconfigure_entry()
        known = {key: entry.data[key] for key in (CONF_EMAIL, CONF_REGION)}
        return await self._async_sign_in_anew(
            "reconfigure_tandem", entry, account_form(), user_input, known
        )

    async def async_step_reconfigure_nightscout(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where to forward to now, if anywhere."""
        entry = self._get_reconfigure_entry()
        error: FormError | None = None
        if user_input is not None:
            features = entry.options.get(CONF_FEATURES, DEFAULT_FEATURES)
            nightscout, error = await async_attempt(
                self._async_nightscout(user_input, entry.data, features)
            )
            if nightscout is not None:
                others = {
                    key: value
                    for key, value in entry.data.items()
                    if key not in NIGHTSCOUT_KEYS
                }
                return self.async_update_reload_and_abort(
                    entry, data=others | nightscout
                )
        known = {
            key: entry.data[key]
            for key in (CONF_NIGHTSCOUT_URL, CONF_FIRST_DAYS)
            if key in entry.data
        }
        known[SECTION_CONNECTION] = {
            CONF_VERIFY_SSL: entry.data.get(CONF_VERIFY_SSL, True)
        }
        return self.show(
            "reconfigure_nightscout", nightscout_form(), user_input or known, error
        )

    async def async_step_reconfigure_name(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another name of the account, or none."""
        entry = self._get_reconfigure_entry()
        if user_input is None:
            known = {CONF_NAME: entry.data.get(CONF_NAME, "")}
            return self.show("reconfigure_name", NAME_FORM, known)
        naming = self._naming(user_input, entry)
        others = {
            key: value for key, value in entry.data.items() if key not in NAME_KEYS
        }
        return self.async_update_reload_and_abort(
            entry, title=_title(others | naming), data=others | naming
        )

    async def _async_sign_in_anew(
        self,
        step_id: str,
        entry: ConfigEntry,
        form: vol.Schema,
        typed: dict[str, Any] | None,
        known: Mapping[str, Any],
    ) -> ConfigFlowResult:
        """Try what was typed of an account that is there, and set it up with that once it works."""
        error: FormError | None = None
        if typed is not None:
            account, error = await async_attempt(self._async_sign_in_to(entry, typed))
            if account is not None:
                self._account, self._data = account, typed
                self._known_entry = entry
                if not self._account.persons:
                    return self._signed_in_anew(self._account.token.pumper_id)
                return await self._async_person()
        email = entry.data[CONF_EMAIL]
        return self.show(step_id, form, typed or known, error, email=email)

    async def _async_sign_in_to(
        self, entry: ConfigEntry, typed: Mapping[str, Any]
    ) -> SignedIn:
        """Sign in to the account and person of an entry; raise FormError, end the flow for another account."""
        is_right = partial(is_of_account, entry)
        account = await async_sign_in(
            self.hass, {**entry.data, **typed}, person_of(entry), is_right=is_right
        )
        if not is_right(account.token):
            raise AbortFlow("wrong_account")
        return account

    def _signed_in_anew(self, pumper_id: str) -> ConfigFlowResult:
        """Set up an account that is there with what was typed."""
        entry = self._known_entry
        if not entry.disabled_by:
            self._keep_token(entry.unique_id, pumper_id)
        return self.async_update_reload_and_abort(entry, data_updates=self._data)

    def _keep_token(self, unique_id: str | None, pumper_id: str) -> None:
        """Hand the sign-in over to the set-up of an entry, for the person it is about."""
        token = replace(self._account.token, pumper_id=pumper_id)
        keep_flow_token(self.hass, token, unique_id)

    async def _async_nightscout(
        self,
        typed: Mapping[str, Any],
        known: Mapping[str, Any],
        features: Iterable[str],
    ) -> dict[str, Any]:
        """Return what to keep of a Nightscout that works for these features, nothing without one; raise FormError."""
        nightscout = read_nightscout(typed, known)
        if nightscout:
            if self.should_warn(warning := address_warning(nightscout)):
                raise warning
            nightscout[CONF_NIGHTSCOUT_URL] = await async_check_nightscout(
                self.hass, nightscout, features
            )
        return nightscout

    def _create_entry(self, nightscout: dict[str, Any]) -> ConfigFlowResult:
        pump = chosen_pump(self._person.pumper, self._pump)
        naming = self._naming(self._pump)
        data = {**self._data, **nightscout, **naming}
        chosen = {key: value for key, value in self._pump.items() if key != CONF_NAME}
        result = self.async_create_entry(
            title=_title(data),
            data=data,
            options={
                **chosen,
                CONF_FEATURES: list(DEFAULT_FEATURES),
                CONF_STALE_AFTER: DEFAULT_STALE_AFTER_MINUTES,
                CONF_GLUCOSE_UNIT: default_glucose_unit(pump, self.hass.config.country),
            },
        )
        self._keep_token(self.unique_id, self._person.pumper_id)
        return result

    def _naming(
        self,
        typed: Mapping[str, Any],
        itself: ConfigEntry | None = None,
    ) -> dict[str, Any]:
        """Return the name, if one was typed, and a number where another account is called the same."""
        name = str(typed.get(CONF_NAME, "")).strip()
        naming: dict[str, Any] = {CONF_NAME: name} if name else {}
        taken = {
            entry.data.get(CONF_NUMBER, 1)
            for entry in self._async_current_entries()
            if entry is not itself and entry.data.get(CONF_NAME, "") == name
        }
        return {**naming, CONF_NUMBER: next(n for n in count(1) if n not in taken)}


def _title(data: Mapping[str, Any]) -> str:
    """Return what an account is called: as the user says, else a title that names nobody."""
    called = data.get(CONF_NAME, f"Tandem Source ({REGION_TITLES[data[CONF_REGION]]})")
    return numbered(called, data.get(CONF_NUMBER, 1))
