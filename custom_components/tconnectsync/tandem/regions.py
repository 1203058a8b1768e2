"""The addresses of Tandem Source: one set for each region of accounts."""

from dataclasses import dataclass
import os
from urllib.parse import quote

DEMO_URL = "TCONNECTSYNC_DEMO_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The addresses and the client id for the accounts of one region."""

    key: str
    sign_in_page: str
    accounts_base: str
    client_id: str
    redirect_uri: str
    source_base: str
    scope: str = "openid profile email"
    login_client_id: str | None = None
    """The client id that the sign-in page sends with a password, where known."""

    @property
    def sign_in_origin(self) -> str:
        """The Origin header of the sign-in page."""
        return self.sign_in_page.rstrip("/")

    @property
    def login_url(self) -> str:
        """The address that email and password are posted to."""
        return f"{self.accounts_base}/login"

    @property
    def authorize_url(self) -> str:
        """The address where a signed-in person gets a code."""
        return f"{self.accounts_base}/connect/authorize"

    @property
    def token_url(self) -> str:
        """The address where the code is exchanged for tokens."""
        return f"{self.accounts_base}/connect/token"

    @property
    def jwks_url(self) -> str:
        """The address of the keys that sign identity tokens."""
        return f"{self.accounts_base}/.well-known/openid-configuration/jwks"

    @property
    def issuer(self) -> str:
        """The issuer that an identity token must name."""
        return self.accounts_base

    @property
    def origin(self) -> str:
        """The Origin header that the firewall of Tandem Source demands."""
        return self.source_base.rstrip("/")

    @property
    def referer(self) -> str:
        """The Referer header that the firewall of Tandem Source demands."""
        return self.source_base

    def pumper_url(self, pumper_id: str) -> str:
        """Return the address of a person's pumps and their settings."""
        return f"{self.source_base}api/reports/bff/pumper/{quote(pumper_id, safe='')}"

    def account_url(self, pumper_id: str) -> str:
        """Return the address of a person's account, which names its kind."""
        return f"{self.source_base}api/pumpers/pumpers/{quote(pumper_id, safe='')}"

    def pump_logs_url(self, assignment_id: str) -> str:
        """Return the address of the events of one pump."""
        return f"{self.source_base}api/reports/bff/pump-logs/{quote(assignment_id, safe='')}"


US = Region(
    key="us",
    sign_in_page="https://sso.tandemdiabetes.com/",
    accounts_base="https://tdcservices.tandemdiabetes.com/accounts/api",
    client_id="0oa4wnbvtladeyVZX4h7",
    redirect_uri="https://sso.tandemdiabetes.com/auth/callback",
    source_base="https://source.tandemdiabetes.com/",
)
EU = Region(
    key="eu",
    sign_in_page="https://sso.tandemdiabetes.com/",
    accounts_base="https://tdcservices.eu.tandemdiabetes.com/accounts/api",
    client_id="1519e414-eeec-492e-8c5e-97bea4815a10",
    redirect_uri="https://source.eu.tandemdiabetes.com/authorize/callback",
    source_base="https://source.eu.tandemdiabetes.com/",
    scope="openid email profile tandem.devices.assign",
    login_client_id="afead6a9-c53b-45b8-9efe-69ed0cc2711b",
)


def regions() -> dict[str, Region]:
    """Return the regions by key, "demo" only while its address is in the environment."""
    by_key = {region.key: region for region in (US, EU)}
    if base := os.environ.get(DEMO_URL, "").rstrip("/"):
        by_key["demo"] = Region(
            key="demo",
            sign_in_page=f"{base}/",
            accounts_base=f"{base}/accounts/api",
            client_id="demo",
            redirect_uri=f"{base}/auth/callback",
            source_base=f"{base}/",
            login_client_id="demo-sign-in",
        )
    return by_key
