from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.outbound import OPERATOR, Policy, Refused, check_url
from openvod.outbound.address import kind_of
from openvod.outbound.target import parse

NEVER = [
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.1.1", "169.254.0.23", "100.100.100.200", "168.63.129.16",
    "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::",
    "2001::1", "2001:db8::1", "fe80::1", "fe80::1%eth0", "2606:4700::1111%1", "ff02::1", "fd00:ec2::254", "100::1",
    "fec0::1", "3fff::1", "4000::1",
]  # fmt: skip
PRIVATE = ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1"]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "100.63.255.255",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
]


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_called(address):
    for policy in (Policy(), Policy(loopback_allowed=True), OPERATOR):
        assert not policy.allows(ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_have_to_be_opened(address):
    assert not Policy().allows(ip_address(address))
    assert not Policy(loopback_allowed=True).allows(ip_address(address))
    assert OPERATOR.allows(ip_address(address))
    assert Policy.of("0.0.0.0", f"{address}, 10.9.9.0/24").allows(ip_address(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_is_for_a_server_on_loopback(address):
    assert Policy.of("127.0.0.1").allows(ip_address(address))
    assert not Policy.of("0.0.0.0").allows(ip_address(address))
    assert not Policy.of("0.0.0.0", "127.0.0.0/8,::/0").allows(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_open(address):
    assert Policy().allows(ip_address(address))


@given(st.ip_addresses())
def test_what_python_calls_closed_is_not_public(address):
    if kind_of(address) == "public":
        assert address.is_global
        closed = (address.is_private, address.is_multicast, address.is_link_local, address.is_reserved)
        assert not any(closed)


def test_networks_that_are_none():
    with pytest.raises(ValueError):
        Policy.of("127.0.0.1", "office")


@pytest.mark.parametrize(
    "url, key",
    [
        ("ftp://example.com/", "scheme"), ("file:///etc/passwd", "scheme"), ("example.com", "scheme"),
        ("http:///x", "form"), ("http://", "form"), ("http://a b/", "form"), ("http://a\\@b/", "form"),
        ("http://a\r\nX: y/", "form"), ("http://a:0/", "form"), ("http://a:99999/", "form"), ("http://a:x/", "form"),
        ("http://user@example.com/", "userinfo"), ("http://u:p@127.0.0.1/", "userinfo"),
        ("http://example.com%2f@evil/", "userinfo"), ("http://[::1", "form"), ("http://[v1.x]/", "form"),
        ("http://a..b/", "form"), ("http://%31/", "form"), ("http://" + "a" * 9000, "form"),
        ("http://169.254.169.254/latest", "address"), ("http://[::ffff:1.1.1.1]/", "address"),
        ("http://127.0.0.1/", "address"), ("http://metadata.google.internal/", "host"),
        ("http://METADATA.google.internal./", "host"), ("http://metadata.tencentyun.com", "host"),
        ("http://example.com/\ud800", "form"),
    ],
)  # fmt: skip
def test_urls_that_are_refused_where_they_are_configured(url, key):
    with pytest.raises(Refused) as refusal:
        check_url(url, Policy())
    assert refusal.value.key == key


@pytest.mark.parametrize(
    "url, written",
    [
        ("http://Example.COM", "http://example.com/"),
        ("HTTPS://example.com:443/a?b=c#d", "https://example.com/a?b=c"),
        ("http://bücher.example/ü?x=电影", "http://xn--bcher-kva.example/%C3%BC?x=%E7%94%B5%E5%BD%B1"),
        ("http://[2606:4700::1111]:8080/x%20y", "http://[2606:4700::1111]:8080/x%20y"),
        ("http://1.1.1.1?x", "http://1.1.1.1/?x"),
    ],
)
def test_urls_are_read_in_one_way(url, written):
    assert check_url(url, Policy()).url == written


@given(
    st.text(max_size=60), st.sampled_from(["", "http://", "https://", "http://a@", "http://[", "http://a:"])
)
def test_any_text_is_a_target_or_refused(text, begin):
    try:
        target = parse(begin + text)
    except Refused:
        return
    assert target.path.isascii()
    assert target.path.startswith("/")
    assert not set(target.host + target.path) & set(" \r\n\t@"[:4])
    assert parse(target.url) == target
