"""Judging requests and relaying logins, whatever the framework."""

import logging
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from .demands import Demands
from .incoming import Incoming, Presented, present, present_for_relay
from .refusal import Refused, refusal, unauthorized, unavailable
from .relay import Relayed, RelayError, read_session
from .service import Answer, Service, ServiceError
from .verdict import Allowed, Verdict, read_verdict

_log = logging.getLogger("countersign")

_API_KEY = re.compile(r"[\x21-\x7e]+")
_UNCONDITIONAL = Demands()


class Countersign:
    """The one object that an app asks; keep it for the life of the process.

    `url` is the service's internal address or a sidecar's: `http://…`, `https://…` or
    `unix:/path/of/a/socket`. `public_url` is what devices put in front of a path and is never taken
    from a request. `timeout` and `relay_timeout` are seconds, in total. `trust_proxy` is how many
    proxies in front append to `X-Forwarded-For`, for the device's address only.
    """

    def __init__(
        self,
        *,
        url: str,
        api_key: str,
        public_url: str,
        timeout: float = 1.0,
        relay_timeout: float = 5.0,
        trust_proxy: int = 0,
    ) -> None:
        # Messages name an option and never its value, which may be a secret.
        _must(_is_service_url(url), "url must be http://…, https://… or unix:/…")
        _must(_API_KEY.fullmatch(api_key), "api_key must be an API key, without line end")
        _must(_is_base_url(public_url), "public_url must be http(s)://host, without query")
        _must(timeout > 0 and relay_timeout > 0, "timeout and relay_timeout must be positive")
        _must(
            type(trust_proxy) is int and trust_proxy >= 0,
            "trust_proxy must be the number of proxies in front",
        )
        self._public_url = public_url.rstrip("/")
        self._timeout = timeout
        self._relay_timeout = relay_timeout
        self._trust_proxy = trust_proxy
        self._service = Service(url, api_key)

    def verify(self, request: Incoming, demands: Demands = _UNCONDITIONAL) -> Verdict:
        """Judges a request; never raises for a reason of the service's."""
        call = self._call(request, demands)
        if not isinstance(call, dict):
            return call
        try:
            return read_verdict(self._service.ask("/v1/verify", call, self._timeout))
        except Exception as error:
            return _unjudged(error)

    async def averify(self, request: Incoming, demands: Demands = _UNCONDITIONAL) -> Verdict:
        """Is `verify` in an event loop."""
        call = self._call(request, demands)
        if not isinstance(call, dict):
            return call
        try:
            return read_verdict(await self._service.aask("/v1/verify", call, self._timeout))
        except Exception as error:
            return _unjudged(error)

    def relay_login(
        self,
        request: Incoming,
        *,
        client_id: str,
        user_id: str | int,
        device: Any,
        amr: Sequence[str] = (),
        event: str = "login",
        tokens: Any = None,
    ) -> Relayed:
        """Registers a login or signup that the app let through; raises `RelayError`."""
        return self._relay(request, _login(client_id, user_id, device, amr, event, tokens))

    async def arelay_login(
        self,
        request: Incoming,
        *,
        client_id: str,
        user_id: str | int,
        device: Any,
        amr: Sequence[str] = (),
        event: str = "login",
        tokens: Any = None,
    ) -> Relayed:
        """Is `relay_login` in an event loop."""
        return await self._arelay(request, _login(client_id, user_id, device, amr, event, tokens))

    def relay_refresh(
        self,
        request: Incoming,
        *,
        client_id: str,
        user_id: Any,
        refresh_token: Any,
        device: Any,
        tokens: Any = None,
    ) -> Relayed:
        """Has a device's tokens rotated; raises `RelayError`."""
        return self._relay(request, _refresh(client_id, user_id, refresh_token, device, tokens))

    async def arelay_refresh(
        self,
        request: Incoming,
        *,
        client_id: str,
        user_id: Any,
        refresh_token: Any,
        device: Any,
        tokens: Any = None,
    ) -> Relayed:
        """Is `relay_refresh` in an event loop."""
        return await self._arelay(request, _refresh(client_id, user_id, refresh_token, device, tokens))

    def close(self) -> None:
        """Closes idle connections."""
        self._service.close()

    async def aclose(self) -> None:
        """Closes the idle connections of this event loop."""
        await self._service.aclose()

    def _call(self, request: Incoming, demands: Demands) -> dict[str, Any] | Verdict:
        presented = present(request, self._public_url, self._trust_proxy)
        if isinstance(presented, Presented):
            if presented.call is not None:
                return {**presented.call, **demands.on_the_wire()}
            return again(Allowed(None, {}), demands)
        return presented

    def _relay(self, request: Incoming, facts: dict[str, Any]) -> Relayed:
        body = self._relay_body(request, facts)
        try:
            answer = self._service.change("/v1/sessions", body, self._relay_timeout)
        except Exception as error:
            raise _unregistered(error) from None
        return _session(answer)

    async def _arelay(self, request: Incoming, facts: dict[str, Any]) -> Relayed:
        body = self._relay_body(request, facts)
        try:
            answer = await self._service.achange("/v1/sessions", body, self._relay_timeout)
        except Exception as error:
            raise _unregistered(error) from None
        return _session(answer)

    def _relay_body(self, request: Incoming, facts: dict[str, Any]) -> dict[str, Any]:
        presented = present_for_relay(request, self._public_url, self._trust_proxy)
        if isinstance(presented, Refused):
            raise RelayError(presented)
        return {**{name: value for name, value in facts.items() if value is not None}, **presented}


def again(verdict: Allowed, demands: Demands) -> Verdict:
    """Holds a verdict against demands, without asking the service: a proof serves once."""
    if verdict.device is None:
        return unauthorized("token_invalid", "DPoP") if demands.required else verdict
    code = demands.unmet(verdict.device)
    return refusal(code, 403) if code else verdict


def _login(
    client_id: str, user_id: str | int, device: Any, amr: Sequence[str], event: str, tokens: Any
) -> dict[str, Any]:
    # Else the user "None" would be logged in.
    if isinstance(user_id, bool) or not isinstance(user_id, str | int):
        raise TypeError("user_id is a text or a number")
    return {
        "event": event,
        "client_id": client_id,
        "user_id": str(user_id),
        "amr": list(amr),
        "device": device,
        "tokens": tokens,
    }


def _refresh(client_id: str, user_id: Any, refresh_token: Any, device: Any, tokens: Any) -> dict[str, Any]:
    return {
        "event": "refresh",
        "client_id": client_id,
        "user_id": "" if user_id is None else str(user_id),
        "refresh_token": refresh_token,
        "device": device,
        "tokens": tokens,
    }


def _session(answer: Answer) -> Relayed:
    try:
        return read_session(answer)
    except ServiceError as error:
        raise _unregistered(error) from None


def _unjudged(error: Exception) -> Refused:
    _log.error("countersign could not judge a request: %s", _cause(error))
    return unavailable()


def _unregistered(error: Exception) -> RelayError:
    _log.error("countersign could not register a session: %s", _cause(error))
    return RelayError(unavailable())


def _cause(error: Exception) -> str:
    """Only texts made here: what another library says may quote what it was given."""
    return str(error) if isinstance(error, ServiceError) else type(error).__name__


def _must(holds: object, text: str) -> None:
    if not holds:
        raise ValueError(text)


def _is_service_url(url: str) -> bool:
    parts = urlsplit(url)
    is_http = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    return url.startswith("unix:/") or is_http


def _is_base_url(url: str) -> bool:
    parts = urlsplit(url)
    has_more = "?" in url or "#" in url or parts.username is not None
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not has_more
