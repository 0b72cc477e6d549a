"""Django: `request.device` and `request.countersign`, in sync and async views.

Settings: `MIDDLEWARE = [..., "countersign.django.DeviceMiddleware"]` and `COUNTERSIGN`, a dictionary
of the arguments of `Countersign` and, for all views, of `Demands`.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import quote

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .core import Countersign
from .demands import Demands, Trust
from .incoming import Incoming
from .refusal import Refused
from .relay import Relayed, RelayError
from .verdict import Allowed, Verdict

_DEMANDS = ("required", "min_trust", "require_compliant", "require_key")
# What a view carries: its own demands, or `None` to be left out.
_ATTRIBUTE = "countersign_demands"

View = TypeVar("View", bound=Callable[..., Any])


class DeviceMiddleware:
    """Lets a request on to its view with `request.device`, or answers it.

    A request is judged once its view is known, by that view's demands.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        options = dict(settings.COUNTERSIGN)
        self._demands = Demands(**{name: options.pop(name) for name in _DEMANDS if name in options})
        self._countersign = Countersign(**options)
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        self.process_view = self._aprocess_view if self._is_async else self._process_view

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        """Passes the request on and puts the verdict's headers onto the answer."""
        request.device = None
        request.countersign = self._countersign
        if self._is_async:
            return self._acall(request)
        return _with_headers(request, self._get_response(request))

    async def _acall(self, request: HttpRequest) -> HttpResponse:
        return _with_headers(request, await self._get_response(request))

    def _process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        demands = getattr(view, _ATTRIBUTE, self._demands)
        if demands is None:
            return None
        return _let_on(request, self._countersign.verify(incoming(request), demands))

    async def _aprocess_view(
        self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        demands = getattr(view, _ATTRIBUTE, self._demands)
        if demands is None:
            return None
        return _let_on(request, await self._countersign.averify(incoming(request), demands))


def demand(
    *,
    required: bool = True,
    min_trust: Trust | None = None,
    require_compliant: bool = False,
    require_key: bool = False,
) -> Callable[[View], View]:
    """Gives a view demands of its own, in place of the settings'; the outermost decorator of the view."""
    return _marked(Demands(required, min_trust, require_compliant, require_key))


def exempt(view: View) -> View:
    """Leaves a view out: for the login itself."""
    return _marked(None)(view)


def login_response(request: HttpRequest, *, device: Any = None, **login: Any) -> HttpResponse:
    """Relays a login and gives the answer to the device; arguments as of `Countersign.relay_login`.

    `device` is taken from the request's JSON if it is not given.
    """
    device = _or_sent(request, device)
    try:
        return _response(request.countersign.relay_login(incoming(request), device=device, **login))
    except RelayError as error:
        return _response(error.refused)


async def alogin_response(request: HttpRequest, *, device: Any = None, **login: Any) -> HttpResponse:
    """Is `login_response` in an async view."""
    device = _or_sent(request, device)
    try:
        return _response(await request.countersign.arelay_login(incoming(request), device=device, **login))
    except RelayError as error:
        return _response(error.refused)


def refresh_response(request: HttpRequest, *, client_id: str) -> HttpResponse:
    """Relays a refresh, taken from the request's JSON, and gives the answer to the device."""
    facts = {"client_id": client_id, **_sent(request)}
    try:
        return _response(request.countersign.relay_refresh(incoming(request), **facts))
    except RelayError as error:
        return _response(error.refused)


async def arefresh_response(request: HttpRequest, *, client_id: str) -> HttpResponse:
    """Is `refresh_response` in an async view."""
    facts = {"client_id": client_id, **_sent(request)}
    try:
        return _response(await request.countersign.arelay_refresh(incoming(request), **facts))
    except RelayError as error:
        return _response(error.refused)


def incoming(request: HttpRequest) -> Incoming:
    """Gives a request as `Countersign` reads it."""
    # A header that was sent twice is joined with a comma, which no token and no proof has.
    meta = request.META
    return Incoming(
        method=request.method,
        target=_target(request),
        authorization=_values(meta, "HTTP_AUTHORIZATION"),
        dpop=_values(meta, "HTTP_DPOP"),
        peer=meta.get("REMOTE_ADDR") or None,
        forwarded_for=_values(meta, "HTTP_X_FORWARDED_FOR"),
        user_agent=meta.get("HTTP_USER_AGENT"),
    )


def _target(request: HttpRequest) -> str:
    """What was sent, where the server keeps it; none of these names can be a header's.

    ASGI's `raw_path`, gunicorn's `RAW_URI`, uWSGI's and mod_wsgi's `REQUEST_URI`. Other WSGI servers
    keep only the decoded path.
    """
    scope = getattr(request, "scope", None) or {}
    raw_path = scope.get("raw_path")
    if raw_path:
        return bytes(raw_path).decode("latin-1")
    sent = request.META.get("RAW_URI") or request.META.get("REQUEST_URI")
    return str(sent) if sent else quote(request.path, safe="/:@!$&'()*+,;=~-._")


def _values(meta: dict[str, Any], name: str) -> list[str]:
    return [meta[name]] if name in meta else []


def _marked(demands: Demands | None) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, demands)
        return view

    return mark


def _let_on(request: HttpRequest, verdict: Verdict) -> HttpResponse | None:
    if isinstance(verdict, Allowed):
        request.device = verdict.device
        request.countersign_headers = verdict.headers
        return None
    return _response(verdict)


def _with_headers(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    for name, value in getattr(request, "countersign_headers", {}).items():
        response[name] = value
    return response


def _response(answer: Relayed | Refused) -> HttpResponse:
    return HttpResponse(answer.content(), status=answer.status, headers=answer.headers)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _or_sent(request: HttpRequest, device: Any) -> Any:
    return _body(request).get("device") if device is None else device


def _sent(request: HttpRequest) -> dict[str, Any]:
    body = _body(request)
    return {name: body.get(name) for name in ("user_id", "refresh_token", "device", "tokens")}
