"""The API's door: one raw request in, one JSON answer out. Follow `answer` and `_run` to read the life of a request."""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from openvod.actions import Action, Call
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.core.spec import Spec
from openvod.edge import forms, signature
from openvod.edge.forms import Request
from openvod.edge.signature import RawRequest
from openvod.store import Store

log = logging.getLogger(__name__)

VERSION = "2018-07-17"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Reads, authenticates, checks and routes; knows nothing of sockets."""

    store: Store
    settings: Settings
    """`public_url` is filled in; `no_auth` is only set on a loopback address."""
    actions: Mapping[str, Action]
    spec: Spec
    clock: Callable[[], float]
    """Unix seconds."""
    first_account: int
    """The account that unsigned requests act as in no-auth mode."""

    def answer(self, raw: RawRequest) -> bytes:
        """The envelope as JSON. Never raises: a refusal and a failure of ours are answers too."""
        request_id = str(uuid.uuid4())
        language = raw.header("x-tc-language") or ""
        try:
            request = forms.read(raw)
            language = request.language  # a version 1 request names it among its parameters
            fields = self._run(raw, request)
        except ApiError as error:
            fields = {"Error": {"Code": error.code, "Message": error.message(language)}}
        except Exception:
            log.exception("request %s failed", request_id)
            failure = ApiError("InternalError")
            fields = {"Error": {"Code": failure.code, "Message": failure.message(language)}}
        envelope = {"Response": {**fields, "RequestId": request_id}}
        return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()

    def _run(self, raw: RawRequest, request: Request) -> Json:
        """The checks in the order that the API documents (a client sees the first that fails)."""
        account_id = self._authenticate(raw, request)
        handler = self._route(request)
        call = Call(
            params=self.spec.check_request(request.action, request.params, flat=request.flat),
            account_id=account_id,
            store=self.store,
            settings=self.settings,
            now=self.clock(),
            language=request.language,
        )
        return self.spec.fill(f"{request.action}Response", handler.run(call))

    def _authenticate(self, raw: RawRequest, request: Request) -> int:
        """The account that the request speaks for."""
        credential = signature.read_credential(raw, request)
        if credential.scheme == "skip":
            if not self.settings.no_auth:
                raise ApiError("AuthFailure.InvalidAuthorization/skip")
            return self.first_account
        signature.check_age(credential, self.clock())
        key = self.store.accounts.key(credential.secret_id)
        if key is None or not key.enabled:
            raise ApiError("AuthFailure.SecretIdNotFound")
        signature.verify(raw, credential, key.secret_key)
        if credential.token:  # long-lived keys have none, and temporary ones are not minted for the API
            raise ApiError("AuthFailure.TokenFailure")
        return key.account_id

    def _route(self, request: Request) -> Action:
        if request.version != VERSION:
            raise ApiError("NoSuchVersion", version=request.version)
        if handler := self.actions.get(request.action):
            return handler
        known = request.action in self.spec.known_actions
        raise ApiError("UnsupportedOperation" if known else "InvalidAction", action=request.action)
