"""The API's door: one raw request in, one JSON answer out. Follow `answer` and `_run` to read the life of a request."""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from openvod.actions import PACES, Action, Call, Later, Pace, Reply, Soon
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.core.spec import Spec
from openvod.core.times import Clock
from openvod.edge import forms, signature
from openvod.edge.envelope import envelope
from openvod.edge.forms import Request
from openvod.edge.rates import Rates
from openvod.edge.signature import Credential, RawRequest
from openvod.edge.waiting import Waiting
from openvod.edge.writing import Writing
from openvod.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The answer takes longer than was allowed: ask again where this is the pace."""

    pace: Pace


@dataclass(frozen=True, slots=True)
class Api:
    """One of the APIs behind this door."""

    spec: Spec
    actions: Mapping[str, Action]
    """What is offered of it."""

    def handler(self, action: str) -> Action:
        """Raises ApiError for what is not offered, and for what does not exist."""
        if handler := self.actions.get(action):
            return handler
        known = action in self.spec.known_actions
        raise ApiError("UnsupportedOperation" if known else "InvalidAction", action=action)


@dataclass(frozen=True, slots=True)
class Gateway:
    """Reads, authenticates, checks and routes; knows nothing of sockets."""

    store: Store
    settings: Settings
    """`public_url` is filled in; `no_auth` is only set on a loopback address."""
    apis: Mapping[str, Api]
    """By version: no two have the same."""
    clock: Clock
    first_account: int
    """The account that unsigned requests act as in no-auth mode."""
    rates: Rates = field(default_factory=lambda: Rates({}))
    """How often an account may call an action."""
    client_clock: Callable[[int], float] | None = None
    """See `time_for`; None is `clock`."""

    def answer(self, raw: RawRequest, pace: Pace = "slow") -> bytes | Waiting | Writing | Elsewhere:
        """The envelope as JSON, how to wait for it, or that it takes longer than `pace`. Only a quick answer leaves the
        wait for the disk to the caller.

        Never raises: a refusal and a failure of ours are answers too.
        """
        request_id = str(uuid.uuid4())
        language = raw.header("x-tc-language") or ""
        try:
            request = forms.read(raw)
            language = request.language  # a version 1 request names it among its parameters
            fields = self._run(raw, request, pace)
        except Exception as error:
            fields = _failed(error, request_id, language)
        if isinstance(fields, Elsewhere):
            return fields
        if isinstance(fields, Later):
            again = partial(self._again, fields, request_id, language)
            return Waiting(fields.sub_app_id, fields.seconds, again)
        if isinstance(fields, Soon):
            told = partial(self._told, fields, request_id, language)
            return Writing(fields.written, told) if pace == "quick" else told()
        return envelope(fields, request_id)

    def _told(self, soon: Soon, request_id: str, language: str) -> bytes:
        """`answer` for what is written, or could not be."""
        try:
            fields = soon.tell()
        except Exception as error:
            fields = _failed(error, request_id, language)
        return envelope(fields, request_id)

    def _again(self, later: Later, request_id: str, language: str, last: bool) -> bytes | None:
        """`answer` for a request that has waited; None to go on waiting."""
        try:
            fields = later.again(last)
        except Exception as error:
            fields = _failed(error, request_id, language)
        return None if fields is None else envelope(fields, request_id)

    def _run(self, raw: RawRequest, request: Request, pace: Pace) -> Reply | Elsewhere:
        """The checks in the order that the API documents (a client sees the first that fails)."""
        credential = signature.read_credential(raw, request)
        account_id = self._authenticate(raw, credential)
        api = self._api(request, credential)
        handler = api.handler(request.action)
        needed = handler.pace_with(request.params)
        if PACES.index(needed) > PACES.index(pace):
            return Elsewhere(needed)
        self.rates.take(account_id, request.action)
        unknown: list[str] | None = [] if self.settings.tolerate_unknown else None
        call = Call(
            params=api.spec.check_request(
                request.action, request.params, flat=request.flat, tolerated=unknown
            ),
            account_id=account_id,
            store=self.store,
            settings=self.settings,
            now=self.clock(),
            language=request.language,
            warnings=tuple(f"{path} was ignored" for path in unknown or ()),
        )
        shape = partial(api.spec.fill, f"{request.action}Response")
        answer = handler.run(call)
        if isinstance(answer, Later | Soon):
            return answer.then(shape)
        return shape(answer)

    def _authenticate(self, raw: RawRequest, credential: Credential) -> int:
        """The account that the request speaks for."""
        if credential.scheme == "skip":
            if not self.settings.no_auth:
                raise ApiError("AuthFailure.InvalidAuthorization/skip")
            if not signature.is_local(raw):
                raise ApiError("AuthFailure.InvalidAuthorization/page")
            return self.first_account
        signature.check_age(credential, self.time_for(credential.timestamp))
        key = self.store.accounts.key(credential.secret_id)
        if key is None or not key.enabled:
            raise ApiError("AuthFailure.SecretIdNotFound")
        signature.verify(raw, credential, key.secret_key)
        if credential.token:  # long-lived keys have none, and temporary ones are not minted for the API
            raise ApiError("AuthFailure.TokenFailure")
        return key.account_id

    def time_for(self, signed_at: int) -> float:
        """The time that a client's own is held against when it says that it signed at that moment (both Unix seconds).

        It is this server's, unless that is not the one that clients go by.
        """
        return self.clock() if self.client_clock is None else self.client_clock(signed_at)

    def _api(self, request: Request, credential: Credential) -> Api:
        """The API of that version. The service of a signature is what the endpoint's name begins with, for some clients,
        so only one that is an API's contradicts the version.
        """
        api = self.apis.get(request.version)
        signed_for = credential.scope.service
        if api is None or (
            signed_for != api.spec.service
            and any(other.spec.service == signed_for for other in self.apis.values())
        ):
            raise ApiError("NoSuchVersion", version=request.version)
        return api


def _failed(error: Exception, request_id: str, language: str) -> Json:
    """The answer that an exception becomes."""
    if not isinstance(error, ApiError):
        log.error("request %s failed", request_id, exc_info=error)
        error = ApiError("InternalError")
    return {"Error": {"Code": error.code, "Message": error.message(language)}}
