"""The API: one function per action. A handler gets a checked, authenticated call and returns the answer's fields."""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.store import Store
from openvod.store.accounts import SubApp
from openvod.store.library import MediaRow


@dataclass(frozen=True, slots=True)
class Call:
    """One checked and authenticated request, and what a handler may use to serve it."""

    params: Json
    """Checked against the facts file; absent fields are absent, never null."""
    account_id: int
    store: Store
    settings: Settings
    """`public_url` is filled in."""
    now: float
    """Unix seconds."""
    language: str
    """`X-TC-Language`, or empty."""

    def sub_app(self) -> SubApp:
        """The application that `SubAppId` names, or the account's first one.

        An application of another account is as unknown as one that does not exist.
        """
        number = self.params.get("SubAppId")
        if number is None:
            return self.store.accounts.default_sub_app(self.account_id)
        sub_app = self.store.accounts.sub_app(number)
        if sub_app is None or sub_app.account_id != self.account_id:
            raise ApiError("InvalidParameterValue.SubAppId", sub_app=number)
        return sub_app

    def active_sub_app(self) -> SubApp:
        """The same, for what a switched-off application refuses."""
        sub_app = self.sub_app()
        if sub_app.status != "On":
            raise ApiError("FailedOperation.InvalidVodUser")
        return sub_app

    def link(self, media: MediaRow | None) -> str:
        """A signed URL of a library file that lives from now on; empty when the file is gone."""
        if media is None:
            return ""
        name = f"{media.file_id}.{media.extension}" if media.extension else media.file_id
        return self.settings.public_url + self.store.links.sign(
            media.file_id, media.object_key, name, self.now
        )


Handler = Callable[[Call], Json]


@dataclass(frozen=True, slots=True)
class Action:
    """A handler and the name it answers to."""

    name: str
    run: Handler


def action(name: str) -> Callable[[Handler], Action]:
    """Marks a function as the handler of the action with that wire name."""
    return lambda run: Action(name, run)


def load_all() -> dict[str, Action]:
    """Every action by its name. Raises at a duplicate: the start must fail loudly."""
    actions: dict[str, Action] = {}
    for module in pkgutil.iter_modules(__path__):
        for value in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(value, Action):
                if value.name in actions:
                    raise RuntimeError(f"two handlers for {value.name}")
                actions[value.name] = value
    return actions
