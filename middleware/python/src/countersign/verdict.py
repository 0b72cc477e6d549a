"""What the service said of a request."""

import re
from dataclasses import dataclass
from typing import Any

from .device import Device
from .refusal import Refused, refusal
from .service import Answer, ServiceError

_TEXTS = (
    "session_id",
    "user_id",
    "client_id",
    "device_id",
    "app_id",
    "trust",
    "compliance",
    "platform",
    "expires_at",
)
_CODE = re.compile(r"[a-z_]{1,64}")
# A header value that cannot end its line.
_HEADER = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A request that may go on; its headers go onto the app's answer."""

    device: Device | None
    """`None` for a request without a token where that is allowed."""
    headers: dict[str, str]


Verdict = Allowed | Refused


def read_verdict(answer: Answer) -> Verdict:
    """Reads the answer of `POST /v1/verify`; `ServiceError` for whatever is not exactly a yes or a no."""
    if answer.status != 200:
        raise ServiceError(status_text(answer.status))
    body = answer.body if isinstance(answer.body, dict) else {}
    if body.get("allowed") is True and _is_device(body) and is_header(body.get("dpop_nonce")):
        return _allowed(body)
    if body.get("allowed") is False and _is_refusal(body):
        return _refused(body)
    raise ServiceError("the answer has an unknown shape")


def status_text(status: int) -> str:
    """Says why a status other than the expected one came."""
    if status == 401:
        return "the API key was refused"
    if status == 403:
        return "the API key lacks a scope"
    return f"status {status}"


def is_header(value: Any) -> bool:
    """Tells whether it may be sent as a header, or is absent."""
    return value is None or (isinstance(value, str) and _HEADER.fullmatch(value) is not None)


def _is_device(body: dict[str, Any]) -> bool:
    amr = body.get("amr")
    return (
        all(isinstance(body.get(name), str) and body[name] for name in _TEXTS)
        and isinstance(body.get("key_bound"), bool)
        and isinstance(amr, list)
        and all(isinstance(method, str) for method in amr)
        and isinstance(body.get("app_version"), str | None)
    )


def _is_refusal(body: dict[str, Any]) -> bool:
    code = body.get("code")
    return (
        isinstance(code, str)
        and _CODE.fullmatch(code) is not None
        and body.get("status") in (401, 403)
        and is_header(body.get("www_authenticate"))
        and is_header(body.get("dpop_nonce"))
    )


def _allowed(body: dict[str, Any]) -> Allowed:
    texts = {name: body[name] for name in _TEXTS}
    device = Device(
        **texts,
        app_version=body.get("app_version"),
        amr=tuple(body["amr"]),
        key_bound=body["key_bound"],
    )
    nonce = body.get("dpop_nonce")
    return Allowed(device, {"DPoP-Nonce": nonce} if nonce else {})


def _refused(body: dict[str, Any]) -> Refused:
    challenge, nonce = body.get("www_authenticate"), body.get("dpop_nonce")
    return refusal(body["code"], body["status"], challenge=challenge, nonce=nonce)
