"""How may this server call an address that came from outside? The only package that makes such a request.

`Policy` says which addresses are open, `fetch` reads a file, `post` delivers a message. Each hop is resolved once, all
its addresses are judged, and the connection is made to the judged address itself. Nothing is taken from the
environment: no proxies, no credentials, no cookies.
"""

from openvod.outbound.address import OPERATOR, Policy
from openvod.outbound.client import Head, Incoming, fetch, post, stream
from openvod.outbound.connection import Limits, Network
from openvod.outbound.faults import Failed, Refused, Unwanted
from openvod.outbound.target import Target, check_url

__all__ = [
    "OPERATOR",
    "Failed",
    "Head",
    "Incoming",
    "Limits",
    "Network",
    "Policy",
    "Refused",
    "Target",
    "Unwanted",
    "check_url",
    "fetch",
    "post",
    "stream",
]
