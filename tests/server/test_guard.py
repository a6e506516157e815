"""Who gets an answer from a server that `streamlit run app.py` started."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from browsing import running_app
from requests_by_hand import OPENING, Answer, Server

pytestmark = pytest.mark.slow
SOCKET = "/_stcore/stream"
UPLOAD = "/_stcore/upload_file/a-session/a-file"
READ = ["/", "/check", "/_stcore/health", "/_stcore/host-config", "/media/some.png", "/component/some/index.html"]
ROUTES = [*READ, "/static/index.html", "/_stcore/metrics", "/_stcore/bidi-components/a", "/_stcore/agent/openapi.json"]
ROUTES += ["/auth/login", "/oauth2callback", "/a/route/of/tomorrow", UPLOAD]


class App(NamedTuple):
    """A running app, and the workspace it has."""

    server: Server
    home: Path

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @property
    def secret(self) -> str:
        """What the file holds that only the person can read."""
        return (self.home / f"address-{self.server.port}.txt").read_text().strip().partition("token=")[2]

    def as_stranger(self) -> Server:
        return Server(port=self.server.port, is_stranger=True)

    def opening(self, **changed: str | None) -> Answer:
        """Ask for a session's socket as our page does, but for what is changed; None takes a header away."""
        headers = OPENING | {"Host": self.host, "Origin": f"http://{self.host}"} | changed
        return self.server.answer(SOCKET, {name: value for name, value in headers.items() if value is not None})


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    home = tmp_path_factory.mktemp("home")
    with running_app(home) as address:
        yield App(Server(port=urlsplit(address).port or 0), home)


def is_refused(answer: Answer) -> bool:
    return answer.status == 403 and "CocoMine" in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_the_page_has_its_socket(app: App, host: str) -> None:
    own = f"{host}:{app.server.port}"
    assert app.opening(Host=own, Origin=f"http://{own.lower()}").status == 101


@pytest.mark.parametrize("path", READ)
def test_what_the_page_reads_is_answered(app: App, path: str) -> None:
    assert app.server.answer(path, {"Host": app.host}).status in {200, 404}


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost:PORT",
        "http://127.0.0.1:PORT.evil.example",
        "http://evil@127.0.0.1:PORT",
    ],
)
def test_a_socket_is_for_our_own_page_alone(app: App, origin: str | None) -> None:
    """A program says none, a page elsewhere its own, also one that another program serves on this computer."""
    assert is_refused(app.opening(Origin=origin and origin.replace("PORT", str(app.server.port))))


HOSTS = ["evil.example", "evil.example:PORT", "127.0.0.1.evil.example:PORT", "localhost.evil.example:PORT"]
HOSTS += ["localhost:1", "localhost", "127.0.0.1", "0.0.0.0:PORT", "127.0.0.2:PORT", "localhost.:PORT", ""]


@pytest.mark.parametrize("host", HOSTS)
def test_a_name_that_somebody_else_pointed_here_is_not_served(app: App, host: str) -> None:
    named = host.replace("PORT", str(app.server.port))
    assert is_refused(app.opening(Host=named, Origin=f"http://{named}"))
    for path in ROUTES:
        assert is_refused(app.server.answer(path, {"Host": named}))


def test_a_request_without_a_host_is_not_served(app: App) -> None:
    assert app.opening(Host=None).status in {400, 403}
    assert app.server.answer("/", {}).status in {400, 403}


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "OPTIONS"])
def test_a_change_is_for_our_own_page_alone(app: App, method: str, origin: str | None) -> None:
    headers = {"Host": app.host, "Content-Length": "0"} | ({"Origin": origin} if origin else {})
    assert is_refused(app.server.answer(UPLOAD, headers, method=method))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("kind", [("no-cors", "image"), ("navigate", "iframe"), ("cors", "empty")])
def test_a_page_elsewhere_shows_nothing_of_the_app(app: App, site: str, kind: tuple[str, str]) -> None:
    mode, goal = kind
    marks = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": goal}
    assert is_refused(app.server.answer("/", {"Host": app.host} | marks))


def test_a_link_elsewhere_opens_the_app_in_its_own_window(app: App) -> None:
    marks = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    answer = app.server.answer("/check?data=x", {"Host": app.host} | marks)
    assert answer.status == 200
    assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"


@pytest.mark.parametrize("path", ROUTES)
def test_another_user_of_this_computer_is_refused(app: App, path: str) -> None:
    answer = app.as_stranger().answer(path, {"Host": app.host})
    assert is_refused(answer)
    assert "open the address in the file that its terminal names" in answer.text


@pytest.mark.parametrize("more", [{}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-Proto": "http"}])
def test_another_user_gets_no_session(app: App, more: dict[str, str]) -> None:
    headers = OPENING | {"Host": app.host, "Origin": f"http://{app.host}"} | more
    assert is_refused(app.as_stranger().answer(SOCKET, headers))


def test_another_user_cannot_pass_for_a_connection_of_the_person(app: App) -> None:
    """Uvicorn takes an address and a port from this header; those of open connections are everybody's to read."""
    import socket

    with socket.create_connection(("127.0.0.1", app.server.port)) as own:
        claimed = f"127.0.0.1:{own.getsockname()[1]}"
        headers = OPENING | {"Host": app.host, "Origin": f"http://{app.host}", "X-Forwarded-For": claimed}
        assert is_refused(app.as_stranger().answer(SOCKET, headers))


@pytest.mark.parametrize("cookie", ["", "cocomine-PORT=", "cocomine-PORT=guessed", "cocomine-1=SECRET", "x=SECRET"])
def test_a_wrong_cookie_opens_nothing(app: App, cookie: str) -> None:
    told = cookie.replace("PORT", str(app.server.port)).replace("SECRET", app.secret)
    assert is_refused(app.as_stranger().answer("/", {"Host": app.host, "Cookie": told}))


def test_the_secret_opens_the_app_to_a_browser_that_the_system_does_not_know(app: App) -> None:
    stranger, host = app.as_stranger(), {"Host": app.host}
    answer = stranger.answer(f"//evil.example/check?data=a%26b&token={app.secret}", host)
    assert 'content="0;url=/evil.example/check?data=a%26b"' in answer.text
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))
    known = host | {"Cookie": cookie.partition(";")[0]}
    assert stranger.answer("/", known).status == 200
    assert stranger.answer(SOCKET, OPENING | known | {"Origin": f"http://{app.host}"}).status == 101
    assert is_refused(stranger.answer(SOCKET, OPENING | known))


def test_the_file_with_the_secret_is_the_person_s_alone(app: App) -> None:
    assert (app.home / f"address-{app.server.port}.txt").stat().st_mode & 0o777 == 0o600
    assert app.secret not in (app.home / "server.log").read_text()


def test_hosts_that_the_person_names_are_served_and_a_proxy_is_trusted_where_they_say_so(tmp_path: Path) -> None:
    with running_app(tmp_path, COCOMINE_HOSTS="coco.example.org, gpu:9000", COCOMINE_TRUST_PROXY="1") as address:
        server = Server(port=urlsplit(address).port or 0, is_stranger=True)
        for host, origin in (("coco.example.org", "https://coco.example.org"), ("gpu:9000", "http://gpu:9000")):
            assert server.answer(SOCKET, OPENING | {"Host": host, "Origin": origin}).status == 101
        assert is_refused(server.answer(SOCKET, OPENING | {"Host": "gpu", "Origin": "http://gpu"}))
        assert is_refused(server.answer(SOCKET, OPENING | {"Host": "gpu:9000", "Origin": "http://evil.example"}))
