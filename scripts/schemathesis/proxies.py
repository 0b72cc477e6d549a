"""What reverse proxies tell of the request that they hold back (docs/FORWARD_AUTH.md)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

RULE = "key,assertion"
PREFIX = "/auth/envoy"
FORWARDED = "X-Forwarded-"
ORIGINAL = {"Method": "X-Original-Method", "Proto": "X-Original-Proto", "Host": "X-Original-Host"}
HEADERS = {
    "judge_for_nginx": ORIGINAL | {"Uri": "X-Original-URI"},
    "judge_for_caddy": {name: FORWARDED + name for name in ("Method", "Proto", "Host", "Uri")},
    "judge_for_traefik": {name: FORWARDED + name for name in ("Method", "Proto", "Host", "Uri")},
}


@dataclass(frozen=True)
class Held:
    """A request that a proxy holds back: what its proof names, and the headers that tell it."""

    method: str
    url: str
    headers: dict[str, str]


def is_judgement(operation: str) -> bool:
    return operation.startswith("judge_")


def held(operation: str, app: str, method: str, path: str) -> Held:
    """What a call with this method and path is about, for an app at this URL."""
    headers = HEADERS.get(operation)
    if headers is None:
        # Envoy asks with the method and the path of the request itself.
        told = {"X-Countersign-Rule": RULE, "X-Forwarded-Proto": "http"}
        return Held(method, app + path.removeprefix(PREFIX), told)
    told = {"Method": "PUT", "Proto": "http", "Host": urlsplit(app).netloc, "Uri": "/orders?page=2"}
    return Held("PUT", f"{app}/orders", {headers[part]: value for part, value in told.items()})
