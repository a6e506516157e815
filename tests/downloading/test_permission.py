"""COCO's hosts may be asked over https; everything else only after the person allowed it."""

import pytest
from urllib3.util import parse_url

from cocomine.downloading.permission import Permission, coco_address, host_named, redirected, web_address
from cocomine.downloading.refusals import Refused
from cocomine.errors import DownloadError

COCO = "http://images.cocodataset.org/val2017/000000000139.jpg"
SECURE = "https://s3.amazonaws.com/images.cocodataset.org/val2017/000000000139.jpg"
OTHER = "http://pictures.example.org/a.jpg"


def forms(text: str, permission: Permission | None = None) -> list[str]:
    return [str(each) for each in (permission or Permission()).forms(web_address(text))]


def check(text: str, permission: Permission | None = None) -> None:
    (permission or Permission()).check(web_address(text))


@pytest.mark.parametrize("text", [COCO, COCO.replace("http", "https"), SECURE])
def test_cocos_images_are_asked_for_where_coco_has_a_certificate(text: str) -> None:
    assert forms(text) == [SECURE]


def test_cocos_images_are_asked_for_without_encryption_last_and_only_if_that_is_allowed() -> None:
    assert forms(COCO, Permission(plain_hosts=frozenset({"images.cocodataset.org"}))) == [SECURE, COCO]


def test_another_host_is_asked_over_https_first() -> None:
    assert forms(OTHER) == [OTHER.replace("http", "https")]
    assert forms(OTHER, Permission(plain_hosts=frozenset({"pictures.example.org"})))[1:] == [OTHER]


def test_the_address_made_of_names_is_the_one_that_is_asked_for() -> None:
    assert coco_address("val2017", "000000000139.jpg") == SECURE
    check(SECURE)


@pytest.mark.parametrize(
    "text",
    [
        "https://s3.amazonaws.com/another-bucket/a.jpg",
        "https://s3.amazonaws.com/images.cocodataset.org/%2e%2e/another-bucket/a.jpg",
        "https://s3.amazonaws.com/images.cocodataset.org/../another-bucket/a.jpg",
        "https://s3.amazonaws.com/images.cocodataset.org.evil/a.jpg",
        "https://images.cocodataset.org:8443/a.jpg",
        "https://images.cocodataset.org.evil.org/a.jpg",
        "https://images.cocodataset.org./a.jpg",
        "https://evil.org/images.cocodataset.org/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://[::1]/a.jpg",
    ],
)
def test_a_host_that_is_not_cocos_is_refused_and_named(text: str) -> None:
    with pytest.raises(Refused, match="none of COCO's hosts and was not allowed") as refused:
        check(text)
    assert refused.value.wants_host == web_address(text).authority


def test_a_host_that_was_allowed_may_be_asked_on_that_port_alone() -> None:
    permission = Permission(hosts=frozenset({"pictures.example.org:8443"}))
    check("https://pictures.example.org:8443/a.jpg", permission)
    with pytest.raises(Refused, match=r"on pictures\.example\.org, which"):
        check("https://pictures.example.org/a.jpg", permission)


@pytest.mark.parametrize("text", [COCO, OTHER])
def test_http_needs_a_permission_of_its_own(text: str) -> None:
    with pytest.raises(Refused, match="was not allowed without encryption") as refused:
        check(text, Permission(hosts=frozenset({"pictures.example.org"})))
    assert refused.value.wants_plain_host == web_address(text).authority


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.jpg",
        "//a.org/b",
        "file:///etc/passwd",
        "ftp://a.org/b",
        "http://",
        "http://a\n/b",
        "https://a.org:99999/",
        "https://a.org/" + "b" * 3000,
    ],
)
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"is no web address|is no address that begins with"):
        web_address(text)


def test_a_user_name_is_not_sent() -> None:
    with pytest.raises(Refused, match="holds a user name"):
        web_address("https://images.cocodataset.org@evil.org/a.jpg")


def test_signs_that_no_address_has_are_encoded() -> None:
    assert str(web_address("HTTPS://A.org/ä b.jpg?x=1#part")) == "https://a.org/%C3%A4%20b.jpg?x=1"


@pytest.mark.parametrize("site", ["https://a.org", "http://a-b.example.org:8080", "https://127.0.0.1", "http://x"])
@pytest.mark.parametrize("path", ["/a.jpg", "/val2017/000000000139.jpg", "/a/B_c-d/..e.jpg", "/a/./b", "/a/../b", "/"])
def test_a_usual_address_is_what_its_parser_says(site: str, path: str) -> None:
    found, parsed = web_address(site + path), parse_url(site + path)
    default = {"https": 443, "http": 80}[str(parsed.scheme)]
    assert (found.scheme, found.host, found.port) == (parsed.scheme, parsed.host, parsed.port or default)
    assert found.path == parsed.request_uri


def test_a_redirect_may_be_relative() -> None:
    assert str(redirected(web_address("https://a.org/b/c?d"), "../e.jpg")) == "https://a.org/e.jpg"


def test_a_redirect_from_https_to_http_is_not_followed() -> None:
    with pytest.raises(Refused, match="redirects from https to http"):
        redirected(web_address("https://a.org/b"), "http://a.org/b")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        (" Pictures.Example.org ", "pictures.example.org"),
        ("https://a.org/b/c.jpg", "a.org"),
        ("http://a.org:80/b", "a.org"),
        ("a.org:8443", "a.org:8443"),
    ],
)
def test_a_host_is_understood_as_people_write_it(text: str, host: str) -> None:
    assert host_named(text) == host


@pytest.mark.parametrize("text", ["", "a b", "ftp://a.org", "https://"])
def test_what_is_no_host_is_told(text: str) -> None:
    with pytest.raises(DownloadError, match=r"is no host\. Write it like"):
        host_named(text)
