"""Puts the parts together: the only module that knows them all."""

import time
from dataclasses import dataclass

from starlette.applications import Starlette

from openvod import actions
from openvod.core import spec
from openvod.core.settings import Settings
from openvod.deliver.loop import Deliverer
from openvod.edge import http
from openvod.edge.gateway import Gateway
from openvod.edge.rates import VENDOR, Rates
from openvod.outbound import Policy
from openvod.store import Store
from openvod.store.accounts import First

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class RefusedSetting(ValueError):
    """A combination of settings that would be unsafe."""


@dataclass(frozen=True, slots=True)
class Server:
    """What `openvod serve` runs."""

    web: Starlette
    store: Store
    first: First
    """The first account's key and default application."""
    deliverer: Deliverer
    """Pushes events, once it is started."""


def server(settings: Settings) -> Server:
    """Opens the store and builds the web application. `settings.public_url` must be filled in.

    Raises RefusedSetting for no-auth mode on an address that others can reach, and for networks that are none.
    """
    if settings.no_auth and settings.host not in LOOPBACK:
        raise RefusedSetting(f"no_auth is only allowed on a loopback address, not on {settings.host}")
    try:
        Policy.of(settings.host, settings.callback_networks)
    except ValueError as error:
        raise RefusedSetting(f"callback_networks: {error}") from error
    store = Store.open(settings)
    first = store.accounts.ensure_first(settings.secret_id, settings.secret_key, settings.sub_app_id)
    gateway = Gateway(
        store=store,
        settings=settings,
        actions=actions.load_all(),
        spec=spec.load(),
        clock=time.time,
        first_account=first.account_id,
        rates=Rates(VENDOR if settings.vendor_limits else {}),
    )
    return Server(http.build(gateway, store, settings), store, first, Deliverer(store, settings))
