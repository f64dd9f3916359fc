"""Puts the parts together: the only module that knows them all."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

from openvod import actions
from openvod.core import spec
from openvod.core.settings import Settings
from openvod.core.spec import Service
from openvod.core.times import Clock
from openvod.deliver.loop import Deliverer
from openvod.edge import http
from openvod.edge.gateway import Api, Gateway
from openvod.edge.rates import VENDOR, Rates
from openvod.outbound import Policy
from openvod.store import Store
from openvod.store.accounts import First

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class RefusedSetting(ValueError):
    """A combination of settings that would be unsafe."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a server is put together from, where a test double has its own."""

    store: Store
    actions: Mapping[Service, Mapping[str, actions.Action]]
    rates: Rates
    clock: Clock
    """The store goes by the same one."""
    client_clock: Callable[[int], float] | None = None
    """See `Gateway.time_for`."""


@dataclass(frozen=True, slots=True)
class Server:
    """What `openvod serve` runs."""

    web: http.Site
    store: Store
    first: First
    """The first account's key and default application."""
    deliverer: Deliverer
    """Pushes events, once it is started."""


def usual_parts(settings: Settings) -> Parts:
    """Those of `openvod serve`."""
    rates = Rates(VENDOR if settings.vendor_limits else {})
    return Parts(Store.open(settings), every_action(), rates, time.time)


def every_action() -> Mapping[Service, Mapping[str, actions.Action]]:
    """What answers at the API's door, by API: VOD, the part of MPS that is the same work, and what is our own."""
    return {service: actions.load_all(service) for service in get_args(Service)}


def server(settings: Settings, parts: Callable[[Settings], Parts] = usual_parts) -> Server:
    """Opens the store and builds the web application. `settings.public_url` must be filled in.

    Raises RefusedSetting for no-auth mode on an address that others can reach, and for networks that are none.
    """
    if settings.no_auth and settings.host not in LOOPBACK:
        raise RefusedSetting(f"no_auth is only allowed on a loopback address, not on {settings.host}")
    try:
        Policy.of(settings.host, settings.callback_networks)
    except ValueError as error:
        raise RefusedSetting(f"callback_networks: {error}") from error
    made = parts(settings)
    store = made.store
    first = store.accounts.ensure_first(settings.secret_id, settings.secret_key, settings.sub_app_id)
    gateway = Gateway(
        store=store,
        settings=settings,
        apis=_apis(made.actions),
        clock=made.clock,
        first_account=first.account_id,
        rates=made.rates,
        client_clock=made.client_clock,
    )
    return Server(http.build(gateway, store, settings), store, first, Deliverer(store, settings, made.clock))


def _apis(handlers: Mapping[Service, Mapping[str, actions.Action]]) -> Mapping[str, Api]:
    """The same by version, which is how a request names the API."""
    apis = (Api(spec.load(service), of_service) for service, of_service in handlers.items())
    return {api.spec.version: api for api in apis}
