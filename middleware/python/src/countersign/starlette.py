"""Starlette and FastAPI: `request.state.device` and `Depends(device)`."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from .core import Countersign, again
from .demands import Demands, Trust
from .device import Device
from .incoming import Incoming
from .refusal import Refused
from .relay import Relayed, RelayError
from .verdict import Allowed

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Where a scope keeps the verdict on its request.
_VERDICT = "countersign.verdict"
# RFC 6455 section 7.4.1: policy violation. Before the handshake, servers answer 403.
_POLICY_VIOLATION = 1008


class RefusedError(Exception):
    """A route's demands are not met; `DeviceMiddleware` answers it."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"the request is refused: {refused.code}")
        self.refused = refused


class DeviceMiddleware:
    """Lets a request on with `request.state.device`, or answers it; WebSockets too.

    With `required=False` a request without `Authorization` goes on with `None`.
    """

    def __init__(
        self,
        app: App,
        countersign: Countersign,
        required: bool = True,
        min_trust: Trust | None = None,
        require_compliant: bool = False,
        require_key: bool = False,
    ) -> None:
        self._app = app
        self._countersign = countersign
        self._demands = Demands(required, min_trust, require_compliant, require_key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judges HTTP requests and WebSocket handshakes; whatever else a server says goes on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        earlier = scope.get(_VERDICT)
        if isinstance(earlier, Allowed):
            verdict = again(earlier, self._demands)
        else:
            verdict = await self._countersign.averify(_incoming(scope), self._demands)
        if isinstance(verdict, Refused):
            await _refuse(scope, receive, send, verdict)
            return
        scope[_VERDICT] = verdict
        scope.setdefault("state", {})["device"] = verdict.device
        sending = _Sending(send, verdict.headers)
        try:
            await self._app(scope, receive, sending)
        except RefusedError as error:
            if sending.has_begun:
                raise
            await _refuse(scope, receive, send, error.refused)


async def device(connection: HTTPConnection) -> Device:
    """Gives the device of a request, or refuses it: for `Depends`."""
    return _demanded(connection, Demands())


def demand(
    *, min_trust: Trust | None = None, require_compliant: bool = False, require_key: bool = False
) -> Callable[[HTTPConnection], Awaitable[Device]]:
    """Makes a dependency that gives the device of a request if it meets a route's own demands."""
    demands = Demands(True, min_trust, require_compliant, require_key)

    async def demanded(connection: HTTPConnection) -> Device:
        return _demanded(connection, demands)

    return demanded


async def login_response(
    request: Request, countersign: Countersign, *, device: Any = None, **login: Any
) -> Response:
    """Relays a login and gives the answer to the device; arguments as of `Countersign.relay_login`.

    `device` is taken from the request's JSON if it is not given.
    """
    if device is None:
        device = (await _json(request)).get("device")
    try:
        return _response(await countersign.arelay_login(incoming(request), device=device, **login))
    except RelayError as error:
        return _response(error.refused)


async def refresh_response(request: Request, countersign: Countersign, *, client_id: str) -> Response:
    """Relays a refresh, taken from the request's JSON, and gives the answer to the device."""
    body = await _json(request)
    facts = {name: body.get(name) for name in ("user_id", "refresh_token", "device", "tokens")}
    try:
        return _response(await countersign.arelay_refresh(incoming(request), client_id=client_id, **facts))
    except RelayError as error:
        return _response(error.refused)


def incoming(connection: HTTPConnection) -> Incoming:
    """Gives a request as `Countersign` reads it."""
    return _incoming(connection.scope)


def _demanded(connection: HTTPConnection, demands: Demands) -> Device:
    earlier = connection.scope.get(_VERDICT)
    if not isinstance(earlier, Allowed):
        raise RuntimeError("DeviceMiddleware is not installed")
    verdict = again(earlier, demands)
    if isinstance(verdict, Refused):
        raise RefusedError(verdict)
    if verdict.device is None:
        raise RuntimeError("a demand let a request without a device through")
    return verdict.device


def _incoming(scope: Scope) -> Incoming:
    values: dict[bytes, list[str]] = {}
    for name, value in scope["headers"]:
        values.setdefault(name.lower(), []).append(value.decode("latin-1"))
    raw_path = scope.get("raw_path")
    client = scope.get("client")
    return Incoming(
        # A WebSocket's handshake is a GET (RFC 6455 section 4.1) and has no method in its scope.
        method=scope.get("method", "GET"),
        target=raw_path.decode("latin-1") if raw_path else quote(scope["path"]),
        authorization=values.get(b"authorization", []),
        dpop=values.get(b"dpop", []),
        peer=client[0] if client else None,
        forwarded_for=values.get(b"x-forwarded-for", []),
        user_agent=next(iter(values.get(b"user-agent", [])), None),
    )


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _response(answer: Relayed | Refused) -> Response:
    return Response(answer.content(), answer.status, answer.headers)


async def _refuse(scope: Scope, receive: Receive, send: Send, refused: Refused) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        return
    await _response(refused)(scope, receive, send)


class _Sending:
    """Adds headers to an answer and knows whether it has begun."""

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self._send = send
        self._headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            self.has_begun = True
            message = {**message, "headers": [*message.get("headers", []), *self._headers]}
        await self._send(message)
