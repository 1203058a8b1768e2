"""Setting up an account: sign-in, person, pump and Nightscout, and changes to them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
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

from .account_names import NAME_KEYS, account_title, name_data
from .const import (
    AUTOMATIC_PUMP,
    CONF_FEATURES,
    CONF_FIRST_DAYS,
    CONF_GLUCOSE_UNIT,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
    CONF_PERSON,
    CONF_PUMP,
    CONF_PUMP_TIME_ZONE,
    CONF_STALE_AFTER,
    DEFAULT_STALE_AFTER_MINUTES,
    DOMAIN,
)
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
from .flows.sign_in_again import async_sign_in_again
from .flows.unique_id import is_set_up, unique_id_of
from .glucose_unit import default_glucose_unit
from .nightscout.features import DEFAULT_FEATURES
from .tandem import Person

NIGHTSCOUT_KEYS = (
    CONF_NIGHTSCOUT_URL,
    CONF_NIGHTSCOUT_SECRET,
    CONF_VERIFY_SSL,
    CONF_FIRST_DAYS,
)


class TconnectsyncConfigFlow(FormFlow, ConfigFlow, domain=DOMAIN):
    """Adds an account, or changes how it is reached; every value is tried before it is stored."""

    VERSION = 1
    MINOR_VERSION = 1

    _account: SignedIn
    _existing_entry: ConfigEntry
    _person: Person
    _data: dict[str, Any]
    _pump: dict[str, Any]

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> TconnectsyncOptionsFlow:
        """Return the options flow."""
        return TconnectsyncOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for email, password and region, and sign in."""
        error: FormError | None = None
        if user_input is not None:
            account, error = await async_attempt(async_sign_in(self.hass, user_input))
            if account is not None:
                self._account, self._data = account, user_input
                return await self._async_find_person()
        country = self.hass.config.country
        likely = {CONF_REGION: "us" if country == "US" else "eu"} if country else {}
        return self.show(
            "user", account_form(), user_input or likely, error, last_step=False
        )

    async def async_step_person(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whose pump the entry is about, where the account names several people."""
        persons = self._account.persons
        if user_input is None:
            return self.show("person", person_form(persons), None, last_step=False)
        pumper_id = user_input[CONF_PERSON]
        return await self._async_use_person(
            next(person for person in persons if person.pumper_id == pumper_id)
        )

    async def _async_find_person(self) -> ConfigFlowResult:
        """Go on with the owner of the account, or ask for the person where it names others."""
        if self._account.is_shared:
            return await self.async_step_person()
        return await self._async_use_person(self._account.persons[0])

    async def _async_use_person(self, person: Person) -> ConfigFlowResult:
        """Go on with a person who is not set up yet, or store the person of an existing entry."""
        self._person = person
        if self._account.is_shared:
            self._data = {**self._data, CONF_PERSON: person.pumper_id}
        if self.source != SOURCE_USER:
            return self._update_entry(person.pumper_id)
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
        """Ask for the pump, the time zone of its clock and a name."""
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
        """Ask for the Nightscout to forward to, if any."""
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
        """Start a sign-in after Tandem refused the stored password."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the new password."""
        entry = self._get_reauth_entry()
        return await self._async_step_sign_in_again(
            "reauth_confirm", entry, PASSWORD_FORM, user_input, {}
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which part of the account to change."""
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
        """Ask for the new sign-in of the same account."""
        entry = self._get_reconfigure_entry()
        stored = {key: entry.data[key] for key in (CONF_EMAIL, CONF_REGION)}
        return await self._async_step_sign_in_again(
            "reconfigure_tandem", entry, account_form(), user_input, stored
        )

    async def async_step_reconfigure_nightscout(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another Nightscout to forward to, or none."""
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
        stored = {
            key: entry.data[key]
            for key in (CONF_NIGHTSCOUT_URL, CONF_FIRST_DAYS)
            if key in entry.data
        }
        stored[SECTION_CONNECTION] = {
            CONF_VERIFY_SSL: entry.data.get(CONF_VERIFY_SSL, True)
        }
        return self.show(
            "reconfigure_nightscout", nightscout_form(), user_input or stored, error
        )

    async def async_step_reconfigure_name(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another name of the account, or none."""
        entry = self._get_reconfigure_entry()
        if user_input is None:
            stored = {CONF_NAME: entry.data.get(CONF_NAME, "")}
            return self.show("reconfigure_name", NAME_FORM, stored)
        others = [
            other for other in self._async_current_entries() if other is not entry
        ]
        data = {
            key: value for key, value in entry.data.items() if key not in NAME_KEYS
        } | name_data(user_input, others)
        return self.async_update_reload_and_abort(
            entry, title=account_title(data), data=data
        )

    async def _async_step_sign_in_again(
        self,
        step_id: str,
        entry: ConfigEntry,
        form: vol.Schema,
        typed: dict[str, Any] | None,
        stored: Mapping[str, Any],
    ) -> ConfigFlowResult:
        """Sign in to the account of an existing entry, and update the entry once that works."""
        error: FormError | None = None
        if typed is not None:
            account, error = await async_attempt(
                async_sign_in_again(self.hass, entry, typed)
            )
            if account is not None:
                self._account, self._data = account, typed
                self._existing_entry = entry
                if not self._account.persons:
                    return self._update_entry(self._account.token.pumper_id)
                return await self._async_find_person()
        email = entry.data[CONF_EMAIL]
        return self.show(step_id, form, typed or stored, error, email=email)

    def _update_entry(self, pumper_id: str) -> ConfigFlowResult:
        """Store the typed sign-in in the existing entry, and reload it."""
        entry = self._existing_entry
        if not entry.disabled_by:
            self._keep_token(entry.unique_id, pumper_id)
        return self.async_update_reload_and_abort(entry, data_updates=self._data)

    def _keep_token(self, unique_id: str | None, pumper_id: str) -> None:
        """Hand the token over to the set-up of an entry, for the person it is about."""
        token = replace(self._account.token, pumper_id=pumper_id)
        keep_flow_token(self.hass, token, unique_id)

    async def _async_nightscout(
        self,
        typed: Mapping[str, Any],
        stored: Mapping[str, Any],
        features: Iterable[str],
    ) -> dict[str, Any]:
        """Return the data of a Nightscout that works for these features, empty without one; raise FormError."""
        nightscout = read_nightscout(typed, stored)
        if nightscout:
            if self.should_warn(warning := address_warning(nightscout)):
                raise warning
            nightscout[CONF_NIGHTSCOUT_URL] = await async_check_nightscout(
                self.hass, nightscout, features
            )
        return nightscout

    def _create_entry(self, nightscout: dict[str, Any]) -> ConfigFlowResult:
        pump = chosen_pump(self._person.pumper, self._pump)
        name = name_data(self._pump, self._async_current_entries())
        data = {**self._data, **nightscout, **name}
        options = {key: value for key, value in self._pump.items() if key != CONF_NAME}
        result = self.async_create_entry(
            title=account_title(data),
            data=data,
            options={
                **options,
                CONF_FEATURES: list(DEFAULT_FEATURES),
                CONF_STALE_AFTER: DEFAULT_STALE_AFTER_MINUTES,
                CONF_GLUCOSE_UNIT: default_glucose_unit(pump, self.hass.config.country),
            },
        )
        self._keep_token(self.unique_id, self._person.pumper_id)
        return result
