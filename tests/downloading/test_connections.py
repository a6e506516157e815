"""A connection goes to the address that was looked at, and certificate and `Host` are still those of the name."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from bad_server import HOST, INNER_HOST, LOOPBACK, BadServer, bad_server, network_of_tests

from cocomine.downloading.addresses import Network, trusted_certificates
from cocomine.downloading.connections import Connections
from cocomine.downloading.permission import Permission, web_address
from cocomine.downloading.refusals import Interrupted, Refused

FILE = b"an image"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for `HOST`, signed by itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture
def secure_server(pair: tuple[Path, Path]) -> Iterator[BadServer]:
    """A server that speaks https with the certificate of `HOST`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    with bad_server(context) as server:
        server.files["/a.jpg"] = FILE
        yield server


def trusting(pair: tuple[Path, Path]) -> Network:
    """A network that knows the certificate, and under which `INNER_HOST` is this computer as well."""
    return Network(
        resolve=lambda _, __: [LOOPBACK],
        may_reach=lambda host, _: host in {HOST, INNER_HOST},
        certificates=lambda: ssl.create_default_context(cafile=str(pair[0])),
    )


def answer(network: Network, url: str) -> bytes:
    host = web_address(url).authority
    connections = Connections(network, Permission(hosts=frozenset({host})), kept=2, patience_s=10)
    try:
        response = connections.answer(web_address(url), {})
        data = response.read()
        response.close()
        return data
    finally:
        connections.close()


def test_the_certificate_is_that_of_the_name_and_the_connection_that_of_the_address(
    secure_server: BadServer, pair: tuple[Path, Path]
) -> None:
    assert answer(trusting(pair), f"https://{secure_server.authority}/a.jpg") == FILE
    (request,) = secure_server.requests
    assert request.headers["Host"] == secure_server.authority
    assert request.headers["Accept-Encoding"] == "identity"


def test_a_certificate_of_another_name_is_refused(secure_server: BadServer, pair: tuple[Path, Path]) -> None:
    with pytest.raises(Refused, match=r"the certificate of inner\.test:\d+ is not valid \(Hostname mismatch"):
        answer(trusting(pair), f"https://{INNER_HOST}:{secure_server.port}/a.jpg")
    assert not secure_server.requests


def test_a_certificate_that_nobody_vouches_for_is_refused(secure_server: BadServer) -> None:
    with pytest.raises(Refused, match="is not valid"):
        answer(network_of_tests(), f"https://{secure_server.authority}/a.jpg")
    assert not secure_server.requests


def test_a_server_without_https_is_not_spoken_with() -> None:
    with bad_server() as server, pytest.raises(Interrupted, match=r"could not be spoken with over https|broke"):
        answer(network_of_tests(), f"https://{server.authority}/a.jpg")


def test_certificates_are_checked_with_the_name() -> None:
    context = trusted_certificates()
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert len(context.get_ca_certs()) > 50


def test_a_name_is_looked_up_once_and_again_only_after_its_address_could_not_be_reached() -> None:
    asked = list[str]()

    def resolve(host: str, _: int) -> list[str]:
        asked.append(host)
        return [LOOPBACK]

    network = Network(resolve=resolve, may_reach=lambda *_: True)
    with bad_server() as server:
        server.files["/a.jpg"] = FILE
        url = web_address(server.url("/a.jpg"))
        connections = Connections(network, server.permission(), kept=2, patience_s=10)
        for _ in range(3):
            response = connections.answer(url, {})
            response.read()
            response.close()
        assert asked == [HOST]
    connections.close()
    with pytest.raises(Interrupted, match="cannot be reached"):
        connections.answer(url, {})
    with pytest.raises(Interrupted, match="cannot be reached"):
        connections.answer(url, {})
    assert asked == [HOST, HOST]
    connections.close()


def test_an_answer_to_a_name_that_changes_is_not_followed_to_this_computer() -> None:
    """A name that leads to a public address when it is looked at, and here afterwards, is looked up once."""
    answers = [["192.0.2.1"], [LOOPBACK]]
    network = Network(resolve=lambda _, __: answers.pop(0), may_reach=lambda _, address: address == "192.0.2.1")
    with bad_server() as server:
        connections = Connections(network, server.permission(), kept=1, patience_s=0.05)
        with pytest.raises(Interrupted, match=r"cannot be reached|too long|broke"):
            connections.answer(web_address(server.url("/a.jpg")), {})
        assert not server.requests
        with pytest.raises(Refused, match=r"leads to 127\.0\.0\.1"):
            connections.answer(web_address(server.url("/a.jpg")), {})
        assert not server.requests
        connections.close()


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with bad_server() as server:
        server.files["/a.jpg"] = FILE
        connections = Connections(network_of_tests(), server.permission(), kept=1, patience_s=10)
        response = connections.answer(web_address(server.url("/a.jpg")), {})
        assert response.read() == FILE
        response.close()
        connections.close()
