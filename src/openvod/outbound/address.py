"""Which addresses may be called? Public ones; loopback and named networks by policy; some never.

Ranges: IANA's special-purpose address registries. The tables are ours, not the `ipaddress` module's opinion, which
changes with Python's version.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

Address = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network
Kind = Literal["public", "private", "loopback", "never"]

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")

_METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254", "169.254.0.23", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192",
        "fd00:ec2::254", "fd20:ce::254",
    )
)  # fmt: skip
"""Where clouds tell a machine its own credentials; most lie in ranges that are closed anyway, but not all."""
_METADATA_NAMES = frozenset(
    {
        "metadata", "metadata.google.internal", "metadata.goog", "metadata.tencentyun.com", "metadata.azure.internal",
        "instance-data", "instance-data.ec2.internal",
    }
)  # fmt: skip

_LOOPBACK = tuple(map(ip_network, ("127.0.0.0/8", "::1/128")))
_PRIVATE = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)
_NEVER = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
            "192.88.99.0/24", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23",  # Teredo, ORCHID, benchmarks
            "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        ),
    )
)  # fmt: skip
_GLOBAL_V6 = IPv6Network("2000::/3")
"""The only global unicast range: what lies outside (mapped IPv4, NAT64, link-local, multicast …) is never called."""


def kind_of(address: Address) -> Kind:
    """What sort of address it is. An IPv4 address inside an IPv6 one is `never`, whatever it is."""
    if address in _METADATA or (isinstance(address, IPv6Address) and address.scope_id):
        return "never"
    if any(address in network for network in _LOOPBACK):
        return "loopback"
    if any(address in network for network in _PRIVATE):
        return "private"
    if any(address in network for network in _NEVER):
        return "never"
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return "never"
    return "public"


@dataclass(frozen=True, slots=True)
class Policy:
    """What else may be called than public addresses. Metadata services and link-local addresses never."""

    loopback_allowed: bool = False
    networks: tuple[IpNetwork, ...] = ()
    """Private networks that the operator has opened."""

    @classmethod
    def of(cls, host: str, networks: str = "") -> "Policy":
        """For addresses that clients send to a server bound to `host`: one that only this machine reaches may call
        this machine. `networks` is `10.0.0.0/8,fd00::/8`; raises ValueError for another form.
        """
        opened = tuple(ip_network(text.strip()) for text in networks.split(",") if text.strip())
        return cls(host in LOOPBACK_HOSTS, opened)

    def allows(self, address: Address) -> bool:
        """Whether a connection may be made to the address."""
        kind = kind_of(address)
        if kind == "loopback":
            return self.loopback_allowed
        if kind == "private":
            return any(
                address in network for network in self.networks
            )  # of the other version: simply not in it
        return kind == "public"

    def allows_name(self, host: str) -> bool:
        """Whether the host name may be resolved at all; `host` is in lower case and ASCII."""
        return host.rstrip(".") not in _METADATA_NAMES


OPERATOR = Policy(True, (IPv4Network("0.0.0.0/0"), IPv6Network("::/0")))
"""For an address that the operator has set."""
