"""Name the hosts the simulated service pretends to be: Tandem's US or EU ones, or one address."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The addresses and the client a region's web application uses."""

    sign_in_page: str
    accounts: str
    client_id: str
    redirect_uri: str
    source: str
    cookie_domain: str | None = None
    scope: str = "openid profile email"
    login_client_id: str | None = None
    """How the sign-in page names itself when it posts a password."""

    @staticmethod
    def host(url: str) -> str:
        """Return host, and port unless usual, of an address."""
        return urlsplit(url).netloc

    @staticmethod
    def path(url: str) -> str:
        """Return the path of an address."""
        return urlsplit(url).path

    def hosts_of(self, path: str) -> set[str]:
        """Return the hosts that answer a path."""
        if path.startswith(self.path(self.accounts) + "/"):
            return {self.host(self.accounts)}
        if path.startswith("/api/"):
            return {self.host(self.source)}
        if path == self.path(self.redirect_uri):
            return {self.host(self.redirect_uri)}
        return {self.host(self.sign_in_page), self.host(self.source)}


US = Region(
    sign_in_page="https://sso.tandemdiabetes.com/",
    accounts="https://tdcservices.tandemdiabetes.com/accounts/api",
    client_id="0oa4wnbvtladeyVZX4h7",
    redirect_uri="https://sso.tandemdiabetes.com/auth/callback",
    source="https://source.tandemdiabetes.com/",
    cookie_domain="tandemdiabetes.com",
)

EU = Region(
    sign_in_page="https://sso.tandemdiabetes.com/",
    accounts="https://tdcservices.eu.tandemdiabetes.com/accounts/api",
    client_id="1519e414-eeec-492e-8c5e-97bea4815a10",
    redirect_uri="https://source.eu.tandemdiabetes.com/authorize/callback",
    source="https://source.eu.tandemdiabetes.com/",
    cookie_domain="tandemdiabetes.com",
    scope="openid email profile tandem.devices.assign",
    login_client_id="afead6a9-c53b-45b8-9efe-69ed0cc2711b",
)


def demo(url: str) -> Region:
    """Return a region with a single address, given without a trailing slash."""
    return Region(
        sign_in_page=f"{url}/",
        accounts=f"{url}/accounts/api",
        client_id="demo",
        redirect_uri=f"{url}/auth/callback",
        source=f"{url}/",
        login_client_id="demo-sign-in",
    )
