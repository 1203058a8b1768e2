"""Under Tandem's own host names the simulated service checks host, client and address of each region."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from demo.tandem import SimulatedTandem
from demo.tandem.certificate import Certificate, make_certificate
from demo.tandem.loopback import Loopback
from demo.tandem.server import RegionName

from .pump_days import quiet_pump
from .web_application import WebApplication

EMAIL, PASSWORD = "wearer@example.com", "secret"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for Tandem's hosts."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@asynccontextmanager
async def visiting(
    region: RegionName, certificate: Certificate
) -> AsyncIterator[WebApplication]:
    """A browser that uses a region's host names."""
    tandem = SimulatedTandem(region=region)
    tandem.add_account(EMAIL, PASSWORD).add_pump(quiet_pump()).upload()
    await tandem.start(ssl_context=certificate.for_server())
    resolver = Loopback(int(tandem.url.rpartition(":")[2]))
    connector = aiohttp.TCPConnector(resolver=resolver, ssl=certificate.for_client())
    async with aiohttp.ClientSession(connector=connector) as session:
        yield WebApplication(session, tandem)
    await tandem.stop()


@pytest.mark.parametrize("region", ["us", "eu"])
async def test_each_region_works_under_its_names(
    region: RegionName, certificate: Certificate
) -> None:
    """Sign-in and data work at Tandem's own addresses."""
    async with visiting(region, certificate) as browser:
        await browser.sign_in(EMAIL, PASSWORD)
        pumper_id = next(iter(browser.tandem.accounts.values())).pumper_id
        assert len((await browser.pumper(pumper_id))["pumps"]) == 1
        hosts = {seen.host for seen in browser.tandem.requests}
        assert all(host.endswith(".tandemdiabetes.com") for host in hosts)
        assert len(hosts) == 3


async def test_a_path_answers_on_its_host_only(certificate: Certificate) -> None:
    """The accounts service does not answer at the data host."""
    async with visiting("us", certificate) as browser:
        await browser.visit()
        wrong = "https://source.tandemdiabetes.com/accounts/api/login"
        async with browser.session.post(wrong, json={}) as response:
            assert response.status == 404


async def test_the_cookie_comes_from_the_sign_in_page(certificate: Certificate) -> None:
    """The data host's front page sets no cookie."""
    async with visiting("eu", certificate) as browser:
        async with browser.session.get(browser.region.source) as response:
            assert response.status == 200
        assert (await browser.login(EMAIL, PASSWORD))[0] == 400
