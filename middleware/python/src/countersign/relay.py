"""Handing a login or refresh to Countersign, and its answer back to the device."""

import json
from dataclasses import dataclass
from typing import Any

from .refusal import PROBLEM_TYPE, Refused
from .service import Answer, ServiceError
from .verdict import is_header, status_text

# About the backend's own API key: nothing that a device could do anything about.
_OURS = ("unauthenticated", "insufficient_scope")


@dataclass(frozen=True, slots=True)
class Relayed:
    """A session, as it is to be answered to the device; printed without its tokens."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    def content(self) -> bytes:
        """Gives the body as it is sent."""
        return json.dumps(self.body).encode()

    def __repr__(self) -> str:
        return f"Relayed(status={self.status}, session_id={self.body['session_id']!r})"


class RelayError(Exception):
    """A login or refresh that was refused; `refused` is what to answer the device."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"the login or refresh was refused: {refused.code}")
        self.refused = refused


def read_session(answer: Answer) -> Relayed:
    """Reads the answer of `POST /v1/sessions`.

    `RelayError` for a refusal, `ServiceError` for what is neither a session nor a problem that
    concerns the device.
    """
    status, body = answer.status, answer.body if isinstance(answer.body, dict) else {}
    if status in (200, 201) and _is_session(body):
        return Relayed(status, _handed_on("application/json", body), body)
    if status < 400 or not _is_problem(body, status) or body["code"] in _OURS:
        raise ServiceError(status_text(status))
    headers = _handed_on(PROBLEM_TYPE, body)
    retry_after = answer.headers.get("retry-after", "")
    if retry_after.isascii() and retry_after.isdigit():
        headers["Retry-After"] = retry_after
    raise RelayError(Refused(status, headers, body))


def _is_session(body: dict[str, Any]) -> bool:
    return isinstance(body.get("session_id"), str) and is_header(body.get("dpop_nonce"))


def _is_problem(body: dict[str, Any], status: int) -> bool:
    return (
        isinstance(body.get("code"), str)
        and body.get("status") == status
        and is_header(body.get("www_authenticate"))
        and is_header(body.get("dpop_nonce"))
    )


def _handed_on(content_type: str, body: dict[str, Any]) -> dict[str, str]:
    headers = {"Content-Type": content_type, "Cache-Control": "no-store"}
    if body.get("www_authenticate"):
        headers["WWW-Authenticate"] = body["www_authenticate"]
    if body.get("dpop_nonce"):
        headers["DPoP-Nonce"] = body["dpop_nonce"]
    return headers
