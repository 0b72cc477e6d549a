"""What a request presents: its token, its proof, what both must be for, and where it came from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Any

from .refusal import Refused, Scheme, unauthorized

_MOST_BYTES = 8 * 1024
_MOST_METHOD_BYTES = 32

# Visible ASCII. A comma would be two headers that something on the way joined.
_TOKEN = re.compile(r"[\x21-\x2b\x2d-\x7e]+")
_ABSOLUTE_FORM = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*")
_SCHEMES: dict[str, Scheme] = {"dpop": "DPoP", "bearer": "Bearer"}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came in, whatever the framework; printed without what is secret."""

    method: str
    target: str
    """Path and query as they were sent, before any router cut something off."""
    authorization: Sequence[str] = field(default=(), repr=False)
    """Every `Authorization` header."""
    dpop: Sequence[str] = field(default=(), repr=False)
    """Every `DPoP` header."""
    peer: str | None = None
    """The socket's other end."""
    forwarded_for: Sequence[str] = ()
    """Every `X-Forwarded-For` header."""
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """What stands in a request: the body of `POST /v1/verify` without demands, or no token at all."""

    call: dict[str, Any] | None = field(repr=False)


def present(request: Incoming, public_url: str, trust_proxy: int) -> Presented | Refused:
    """Reads a request; `Refused` for what the service could only refuse."""
    found = _credentials(request.authorization[0]) if len(request.authorization) == 1 else None
    scheme, token = found or ("DPoP", "")
    if len(request.dpop) > 1:
        return unauthorized("proof_invalid", scheme)
    if not request.authorization:
        return Presented(None)
    if not _is_token(token):
        return unauthorized("token_invalid", scheme)
    call: dict[str, Any] = {"token": token, "scheme": scheme}
    address = _client_ip(request, trust_proxy)
    if address:
        call["client_ip"] = address
    if not request.dpop:
        return Presented(call)
    proof, url = request.dpop[0].strip(), public_url + _path(request.target)
    if not _is_token(proof):
        return unauthorized("proof_invalid", scheme)
    if len(request.method) > _MOST_METHOD_BYTES or len(url.encode()) > _MOST_BYTES:
        return unauthorized("proof_mismatch", scheme)
    return Presented({**call, "proof": proof, "method": request.method, "url": url})


def present_for_relay(request: Incoming, public_url: str, trust_proxy: int) -> dict[str, Any] | Refused:
    """Reads what goes with a login beside the app's own facts: proof, address, user agent."""
    if len(request.dpop) > 1 or not all(_is_token(proof.strip()) for proof in request.dpop):
        return unauthorized("proof_invalid", "DPoP")
    facts: dict[str, Any] = {}
    address = _client_ip(request, trust_proxy)
    if address:
        facts["client_ip"] = address
    if request.user_agent:
        facts["user_agent"] = request.user_agent
    if request.dpop:
        url = public_url + _path(request.target)
        facts["proof"] = {"jwt": request.dpop[0].strip(), "htm": request.method, "htu": url}
    return facts


def _is_token(text: str) -> bool:
    return len(text) <= _MOST_BYTES and _TOKEN.fullmatch(text) is not None


def _credentials(authorization: str) -> tuple[Scheme, str] | None:
    name, space, token = authorization.strip().partition(" ")
    scheme = _SCHEMES.get(name.lower())
    return (scheme, token.strip()) if scheme and space else None


def _path(target: str) -> str:
    """The path as it was sent, without query (RFC 9449 section 4.2).

    The host in an absolute-form target (RFC 9112 section 3.2.2) says as little as a `Host` header.
    """
    path = re.split(r"[?#]", _ABSOLUTE_FORM.sub("", target, count=1), maxsplit=1)[0]
    return path if path.startswith("/") else "/"


def _client_ip(request: Incoming, trust_proxy: int) -> str | None:
    """The device's address: the socket's, or behind `trust_proxy` proxies what the first of them saw.

    What stands further left in `X-Forwarded-For` is the client's own writing.
    """
    forwarded = [entry.strip() for entry in ",".join(request.forwarded_for).split(",")]
    chain = [*filter(None, forwarded), request.peer]
    return _address(chain[max(0, len(chain) - 1 - trust_proxy)]) or _address(request.peer)


def _address(text: str | None) -> str | None:
    try:
        address = ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
