"""A device that uses the PyPI library requests-oauth2client from discovery to revocation.

Reads one JSON request a line, answers each with a line.
"""

import json
import sys

import requests
from requests.adapters import HTTPAdapter
from requests_oauth2client import ClientSecretBasic, DPoPKey, OAuth2Client, PublicApp

ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"


class Counting(HTTPAdapter):
    """Counts the requests, those included that the library repeats by itself."""

    sent = 0

    def send(self, request, **options):
        self.sent += 1
        return super().send(request, **options)


def journey(asked):
    session, counting, device = requests.Session(), Counting(), DPoPKey.generate(alg="ES256")
    session.trust_env = False
    session.mount("http://", counting)
    client = OAuth2Client.from_discovery_endpoint(
        url=asked["issuer"] + "/.well-known/oauth-authorization-server",
        issuer=asked["issuer"],
        auth=PublicApp(asked["client_id"]),
        session=session,
        testing=True,
    )
    counting.sent = 0
    exchanged = client.token_exchange(
        subject_token=asked["id_token"],
        subject_token_type=ID_TOKEN,
        dpop=True,
        dpop_key=device,
        device=json.dumps(asked["device"]),
    )
    refreshed = client.refresh_token(exchanged)
    devices = session.get(asked["resource"], auth=refreshed, timeout=30).json()
    attempts = counting.sent
    backend = OAuth2Client(
        client.token_endpoint,
        introspection_endpoint=asked["introspection"],
        auth=ClientSecretBasic(asked["key_id"], asked["api_key"]),
        session=session,
        testing=True,
    )
    before = backend.introspect_token(refreshed)
    assert client.revoke_refresh_token(refreshed)
    return {
        "exchanged": exchanged.as_dict(),
        "refreshed": refreshed.as_dict(),
        "devices": devices,
        "before": before,
        "after": backend.introspect_token(refreshed),
        "attempts": attempts,
    }


for line in sys.stdin:
    print(json.dumps(journey(json.loads(line)), default=str), flush=True)
