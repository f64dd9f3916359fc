"""Where does a URL lead? Its parts, in one reading only, refused where two programs could read it differently."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Literal
from urllib.parse import quote, urljoin, urlsplit

from openvod.outbound.address import Policy
from openvod.outbound.faults import Refused

LONGEST = 8192
"""Characters of a URL."""
PORTS = {"http": 80, "https": 443}
_BAD = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_.])?")
_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that is fit to be called, once its host is resolved and judged."""

    scheme: Literal["http", "https"]
    host: str
    """Lower case and ASCII; an IPv6 address without brackets."""
    port: int
    path: str
    """With the query; begins with `/`, and is ASCII."""

    @property
    def authority(self) -> str:
        """What the Host header says."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        """The whole, without a fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"

    def redirected(self, location: str) -> "Target":
        """Where a redirect from here leads. Raises Refused."""
        try:
            moved = parse(urljoin(self.url, location))
        except ValueError as error:
            raise Refused("form") from error
        if self.scheme == "https" and moved.scheme == "http":
            raise Refused("downgrade")
        return moved


def parse(url: str) -> Target:
    """The parts of a URL. Raises Refused for anything but plain http(s)."""
    if len(url) > LONGEST or _BAD.search(url):
        raise Refused("form")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("form") from error
    if parts.scheme not in ("http", "https"):
        raise Refused("scheme")
    if "@" in parts.netloc:
        raise Refused("userinfo")
    scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
    host = _host(parts.hostname or "", bracketed="[" in parts.netloc)
    if port == 0:
        raise Refused("form")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        return Target(scheme, host, PORTS[scheme] if port is None else port, quote(path, safe=_SAFE))
    except UnicodeEncodeError as error:
        raise Refused("form") from error


def check_url(url: str, policy: Policy) -> Target:
    """What can be said of a URL without asking anyone: to refuse it where it is configured. Raises Refused.

    A name is judged by its addresses when it is called; an address that stands in the URL already here.
    """
    target = parse(url)
    if not policy.allows_name(target.host):
        raise Refused("host")
    try:
        literal = ip_address(target.host)
    except ValueError:
        return target
    if not policy.allows(literal):
        raise Refused("address")
    return target


def _host(text: str, bracketed: bool) -> str:
    if bracketed:
        try:
            return str(IPv6Address(text))
        except ValueError as error:
            raise Refused("form") from error
    try:
        host = text.encode("idna").decode().lower() if not text.isascii() else text.lower()
    except UnicodeError as error:
        raise Refused("form") from error
    if not _HOST.fullmatch(host) or ".." in host:
        raise Refused("form")
    return host
