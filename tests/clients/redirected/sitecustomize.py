"""Stands in for DNS and a trusted authority: found by a Python whose PYTHONPATH leads here, before anything else.

Every name leads to the listener in $OPENVOD_TLS (`host:port`), and $OPENVOD_CA (a PEM file) is what `certifi` knows.
On a machine of one's own that is a line in /etc/hosts, port 443, and the certificate among the trusted ones.
"""

import os
import socket

import certifi

_HOST, _, _PORT = os.environ["OPENVOD_TLS"].rpartition(":")
_real = socket.getaddrinfo


def _redirected(host, port, *rest, **options):
    return _real(_HOST, int(_PORT), *rest, **options)


socket.getaddrinfo = _redirected
certifi.where = lambda: os.environ["OPENVOD_CA"]
