"""Only addresses that everybody on the internet can reach are connected to, whatever names them."""

import socket
from collections.abc import Sequence

import pytest

from cocomine.downloading.addresses import Network, is_public, resolved
from cocomine.downloading.refusals import Interrupted, Refused

INNER = (
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - it is refused
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "fe80::1",
    "fe80::1%1",
    "2600::1%1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "",
    "localhost",
    "127.1",
)
PUBLIC = ("8.8.8.8", "52.217.45.60", "2600:1f18::1", "2a00:1450:4001:81b::200e", "64:ff9b::8.8.8.8")


def network(*addresses: str) -> Network:
    return Network(resolve=lambda _, __: addresses)


@pytest.mark.parametrize("address", INNER)
def test_an_inner_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


def test_a_host_is_refused_for_one_inner_address_among_public_ones() -> None:
    with pytest.raises(
        Refused, match=r"evil\.org leads to 10\.0\.0\.1, which is not an address on the public internet"
    ):
        network("8.8.8.8", "10.0.0.1").addresses("evil.org", 443)


@pytest.mark.parametrize("literal", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "::1"])
def test_every_spelling_of_this_computer_is_refused_by_the_network_as_it_is(literal: str) -> None:
    with pytest.raises(Refused, match="which is not an address on the public internet"):
        Network().addresses(literal, 80)


def test_localhost_is_refused_by_the_network_as_it_is() -> None:
    with pytest.raises(Refused, match="not an address on the public internet"):
        Network().addresses("localhost", 80)


def test_a_literal_is_its_own_address() -> None:
    assert resolved("8.8.8.8", 443) == ("8.8.8.8",)


@pytest.mark.parametrize("error", [socket.gaierror("unknown"), UnicodeError("label too long")])
def test_a_host_without_an_address_may_have_one_later(error: Exception) -> None:
    def fail(_: str, __: int) -> Sequence[str]:
        raise error

    with pytest.raises(Interrupted, match=r"no address was found for coco\.test"):
        Network(resolve=fail).addresses("coco.test", 443)


def test_a_host_with_no_address_at_all_is_not_reached() -> None:
    with pytest.raises(Interrupted, match="no address was found"):
        network().addresses("coco.test", 443)
