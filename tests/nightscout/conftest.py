"""A simulated Nightscout of either version, empty for each test."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
import ssl

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
import pytest

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from demo.nightscout import SimulatedNightscout
from demo.nightscout.kinds import Version

from .site import SECRET, Writer


@pytest.fixture(params=["15.0.6", "15.0.7"])
def version(request: pytest.FixtureRequest) -> Version:
    """Both replace rules that are in the field."""
    version: Version = request.param
    return version


@pytest.fixture
async def server(version: Version) -> AsyncIterator[SimulatedNightscout]:
    """A running site."""
    server = SimulatedNightscout(api_secret=SECRET, version=version, refusal_delay=0)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session as Home Assistant would lend it."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def client(
    server: SimulatedNightscout, session: aiohttp.ClientSession
) -> NightscoutClient:
    """Somebody who knows the API secret."""
    return NightscoutClient(session, server.url, SECRET)


@pytest.fixture
def writer(server: SimulatedNightscout, client: NightscoutClient) -> Writer:
    """This integration, with an empty ledger."""
    return Writer(server, client)


@pytest.fixture
def own_certificate(tmp_path: Path) -> ssl.SSLContext:
    """A server's context with a certificate that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context
