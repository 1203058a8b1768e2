"""Each region has its own addresses."""

import pytest

from custom_components.tconnectsync.tandem import regions


@pytest.fixture(autouse=True)
def no_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run without a demo unless a test sets one."""
    monkeypatch.delenv("TCONNECTSYNC_DEMO_URL", raising=False)


def test_united_states() -> None:
    """Accounts of the United States."""
    us = regions()["us"]
    assert us.key == "us"
    assert us.client_id == "0oa4wnbvtladeyVZX4h7"
    assert us.sign_in_page == "https://sso.tandemdiabetes.com/"
    assert us.redirect_uri == "https://sso.tandemdiabetes.com/auth/callback"
    accounts = "https://tdcservices.tandemdiabetes.com/accounts/api"
    assert us.issuer == accounts
    assert us.login_url == f"{accounts}/login"
    assert us.authorize_url == f"{accounts}/connect/authorize"
    assert us.token_url == f"{accounts}/connect/token"
    assert us.jwks_url == f"{accounts}/.well-known/openid-configuration/jwks"
    source = "https://source.tandemdiabetes.com"
    assert us.origin == source
    assert us.referer == f"{source}/"
    assert us.pumper_url("p-1") == f"{source}/api/reports/bff/pumper/p-1"
    assert us.pump_logs_url("a-1") == f"{source}/api/reports/bff/pump-logs/a-1"


def test_everyone_else() -> None:
    """All other countries share the sign-in page with the United States; the other addresses differ."""
    eu = regions()["eu"]
    assert eu.key == "eu"
    assert eu.client_id == "1519e414-eeec-492e-8c5e-97bea4815a10"
    assert eu.sign_in_page == "https://sso.tandemdiabetes.com/"
    source = "https://source.eu.tandemdiabetes.com"
    assert eu.redirect_uri == f"{source}/authorize/callback"
    accounts = "https://tdcservices.eu.tandemdiabetes.com/accounts/api"
    assert eu.issuer == accounts
    assert eu.login_url == f"{accounts}/login"
    assert eu.origin == source
    assert eu.referer == f"{source}/"


def test_no_third_region_without_a_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a demo the user sees two regions."""
    assert list(regions()) == ["us", "eu"]
    monkeypatch.setenv("TCONNECTSYNC_DEMO_URL", "")
    assert list(regions()) == ["us", "eu"]


@pytest.mark.parametrize("address", ["http://localhost:8765", "http://localhost:8765/"])
def test_demo(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """While a demo runs, all addresses start with its address."""
    monkeypatch.setenv("TCONNECTSYNC_DEMO_URL", address)
    demo = regions()["demo"]
    assert list(regions()) == ["us", "eu", "demo"]
    assert demo.key == demo.client_id == "demo"
    assert demo.sign_in_page == "http://localhost:8765/"
    assert demo.accounts_base == "http://localhost:8765/accounts/api"
    assert demo.redirect_uri == "http://localhost:8765/auth/callback"
    assert demo.origin == "http://localhost:8765"
    assert demo.referer == "http://localhost:8765/"


def test_names_in_addresses_cannot_lead_elsewhere() -> None:
    """An id with special characters stays one part of the address."""
    assert regions()["us"].pumper_url("../a?b#c").endswith("/pumper/..%2Fa%3Fb%23c")
