"""What a device is told when its request goes no further."""

import json
from dataclasses import dataclass
from typing import Any, Literal

PROBLEM_TYPE = "application/problem+json"
"""RFC 9457 section 6.1."""

Scheme = Literal["DPoP", "Bearer"]

_RETRY_AFTER_SECONDS = "1"

# As the service words them; `unavailable` is also said here when it cannot be asked.
_TITLES = {
    "token_invalid": "The token is not valid",
    "token_expired": "The token has expired",
    "session_ended": "The session has ended",
    "session_expired": "The session has expired",
    "client_ended": "The client ended its sessions",
    "proof_required": "A proof of possession is required",
    "scheme_mismatch": "The authentication scheme does not fit the token",
    "proof_invalid": "The proof is not valid",
    "proof_mismatch": "The proof is for another request",
    "proof_expired": "The proof is out of its time window",
    "proof_replayed": "The proof was used before",
    "use_dpop_nonce": "A server nonce is required in the proof",
    "key_mismatch": "The proof is by another key",
    "user_disabled": "The user is disabled",
    "device_removed": "The device was removed",
    "device_evicted": "The device made room for another",
    "device_suspended": "The device is suspended",
    "device_revoked": "The device is revoked",
    "device_banned": "The device is banned",
    "insufficient_trust": "The device is not trusted enough",
    "not_compliant": "The device is not compliant",
    "key_required": "A device key is required",
    "unavailable": "The service is not available",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer to give in place of the app's own."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def code(self) -> str:
        """The closed code to branch on."""
        return str(self.body["code"])

    def content(self) -> bytes:
        """Gives the body as it is sent."""
        return json.dumps(self.body).encode()


def refusal(code: str, status: int, *, challenge: str | None = None, nonce: str | None = None) -> Refused:
    """Makes a refusal as the service gave it, or one of the same form."""
    title = _TITLES.get(code, code.replace("_", " "))
    headers = {"Content-Type": PROBLEM_TYPE, "Cache-Control": "no-store"}
    if challenge:
        headers["WWW-Authenticate"] = challenge
    if nonce:
        headers["DPoP-Nonce"] = nonce
    body = {
        "type": f"https://countersign.dev/problems/{code}",
        "title": title,
        "status": status,
        "detail": title,
        "code": code,
    }
    return Refused(status, headers, body)


def unauthorized(code: str, scheme: Scheme) -> Refused:
    """Makes the 401 for what need not be sent to the service, with the challenge that it gives itself.

    RFC 6750 section 3, RFC 9449 section 7.1.
    """
    error = "invalid_token" if code == "token_invalid" else "invalid_dpop_proof"
    algorithms = ', algs="ES256"' if scheme == "DPoP" else ""
    challenge = f'{scheme} error="{error}", error_description="{_TITLES[code]}"{algorithms}'
    return refusal(code, 401, challenge=challenge)


def unavailable() -> Refused:
    """Makes the 503 for a request that nobody could judge."""
    refused = refusal("unavailable", 503)
    refused.headers["Retry-After"] = _RETRY_AFTER_SECONDS
    return refused
