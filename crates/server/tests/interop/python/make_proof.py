"""A device that uses the PyPI library requests-oauth2client.

Reads one JSON request a line, answers each with a line.
"""

import json
import sys

import requests
from binapy import BinaPy
from requests.adapters import HTTPAdapter
from requests_oauth2client import DPoPKey, DPoPToken

KEYS: dict[str, DPoPKey] = {}


class Recorder(HTTPAdapter):
    """Keeps every answer, those included that the library answers by itself."""

    def __init__(self):
        super().__init__()
        self.answers = []

    def send(self, request, **options):
        response = super().send(request, **options)
        self.answers.append({"status": response.status_code, "body": response.json()})
        return response


def key(request):
    made = KEYS[request["key"]] = DPoPKey.generate(alg=request["alg"])
    return {"jkt": made.dpop_jkt, "jwk": dict(made.public_jwk)}


def proof(request):
    signer, method, url = KEYS[request["key"]], request["method"], request["url"]
    signer.rs_nonce = request.get("nonce")
    if "token" not in request:
        return {"proof": str(signer.proof(method, url))}
    auth = DPoPToken(request["token"], _dpop_key=signer)
    return {"proof": requests.Request(method, url, auth=auth).prepare().headers["DPoP"]}


def sign(request):
    """Signs any text with an ES256 key, for proofs that the library would not make."""
    signature = KEYS[request["key"]].private_key.sign(request["input"].encode(), alg="ES256")
    return {"signature": BinaPy(signature).to("b64u").decode()}


def call(request):
    """Makes a request; the library repeats it with a nonce when one is asked for."""
    signer = KEYS[request["key"]]
    signer.rs_nonce = None
    recorder = Recorder()
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", recorder)
        auth = DPoPToken(request["token"], _dpop_key=signer)
        session.request(request["method"], request["url"], auth=auth, timeout=30)
    return {"answers": recorder.answers}


ACTIONS = {"key": key, "proof": proof, "sign": sign, "call": call}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(ACTIONS[asked["do"]](asked)), flush=True)
