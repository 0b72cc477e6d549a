"""Clients, keys, users, devices and sessions on the server under test, made as they are needed."""

import base64
import itertools
import json
import os
import uuid
from dataclasses import dataclass
from hashlib import sha256

import requests

from issuer import AUDIENCE, LOGIN
from keys import Key

FAR_AWAY = "2099-01-01T00:00:00Z"


@dataclass
class Session:
    """One login: what it was answered, and the device's key, if it has one."""

    user: str
    key: Key | None
    answer: dict

    def headers(self, method: str, url: str) -> dict[str, str]:
        """What a request of the device carries: the bound token and a fresh proof (RFC 9449 section 7.1)."""
        token = self.answer["access_token"]
        if self.key is None:
            return {"Authorization": f"Bearer {token}"}
        proof = self.key.proof(method, url, token, self.answer.get("dpop_nonce"))
        return {"Authorization": f"DPoP {token}", "DPoP": proof}


class World:
    """The server by its URL, and what is needed to call it."""

    def __init__(self, url: str, api_key: dict, issuer: str, client: str = "") -> None:
        self.url, self.api_key, self.issuer = url, api_key, issuer
        self._http = requests.Session()
        # Each process of a run counts users and addresses from somewhere else.
        self._numbers = itertools.count(os.getpid() << 20)
        self._victim = self._full = self.counted = self.reporter = ""
        self.client = client or self.add_client()

    @classmethod
    def load(cls, text: str) -> "World":
        return cls(**json.loads(text))

    def dump(self) -> str:
        names = ("url", "api_key", "issuer", "client")
        return json.dumps({name: getattr(self, name) for name in names})

    def number(self) -> int:
        return next(self._numbers)

    def address(self) -> str:
        """A client address that made no request before: failed requests are limited by address."""
        return ipv6(self.number())

    def backend(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key['secret']}"}

    def call(self, method: str, path: str, body: dict) -> dict:
        """A call that has to succeed, and is not part of what is counted."""
        headers = {**self.backend(), "X-Forwarded-For": self.address()}
        answer = self._http.request(method, self.url + path, json=body, headers=headers, timeout=30)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def add_client(self) -> str:
        """A web app whose devices may do without a key, and whose users an issuer may log in."""
        body = {
            "name": "Shop",
            "platform": "web",
            "audience": "https://api.shop.example",
            "origins": [self.url],
            "proof_of_possession": "optional",
            "issuers": [{"issuer": self.issuer, "audiences": [AUDIENCE]}],
        }
        return self.call("POST", "/v1/clients", body)["client_id"]

    def victim_client(self) -> str:
        """A client that may be changed and disabled."""
        if not self._victim:
            self._victim = self.add_client()
        return self._victim

    def response_keys(self) -> dict:
        """What reads tokens of Play Integrity, as the Play Console shows it."""
        return {"decryption_key": base64.b64encode(os.urandom(32)).decode(), "verification_key": Key().spki()}

    def add_api_key(self, *scopes: str) -> dict:
        return self.call("POST", "/v1/api-keys", {"name": "one", "scopes": scopes})

    def user(self) -> str:
        return f"user-{self.number()}"

    def login(self, user: str, key: Key | None = None, **more: object) -> Session:
        """A login on a new device, with a key if one is given."""
        answer = self.call("POST", "/v1/sessions", self.login_body(user, key) | more)
        return Session(user, key, answer)

    def login_body(self, user: str, key: Key | None = None) -> dict:
        body = {
            "event": "login",
            "client_id": self.client,
            "user_id": user,
            "device": {"installation_id": str(uuid.uuid4())},
        }
        return body if key is None else body | {"proof": self.relayed_proof(key)}

    def relayed_proof(self, key: Key) -> dict:
        htu = f"{self.url}/login"
        return {"jwt": key.proof("POST", htu), "htm": "POST", "htu": htu}

    def id_token(self, user: str = "") -> str:
        answer = self._http.get(f"{self.issuer}{LOGIN}{user or self.user()}", timeout=30)
        answer.raise_for_status()
        return answer.json()

    def enrollment(self, purpose: str) -> dict:
        """What names the client and a fresh challenge of it."""
        asked = {"client_id": self.client, "purpose": purpose}
        given = self.call("POST", "/v1/enrollments/challenges", asked)
        return {"client_id": self.client, "challenge": given["challenge"]}

    def ban(self) -> str:
        """A ban of a device that somebody was logged in on."""
        device = self.login(self.user()).answer["device_id"]
        return self.call("POST", "/v1/bans", {"device_id": device})["ban_id"]

    def approval(self) -> str:
        """A request about a new device, which waits for an admin."""
        client, path, key = self.add_client(), "/v1/enrollments", Key()
        self.call("PATCH", f"/v1/clients/{client}", {"admission": {"activation": "approval"}})
        asked = {"client_id": client, "purpose": "enroll"}
        body = {
            "client_id": client,
            "challenge": self.call("POST", f"{path}/challenges", asked)["challenge"],
            "device": {"installation_id": str(uuid.uuid4())},
        }
        headers = {"DPoP": key.proof("POST", self.url + path), "X-Forwarded-For": self.address()}
        self._http.post(self.url + path, json=body, headers=headers, timeout=30).raise_for_status()
        return self.call("GET", "/v1/approvals?limit=1", None)["data"][0]["approval_id"]

    def report(self) -> str:
        """The first report of a device."""
        key = Key()
        self.reporter = self.login(self.user(), key).answer["device_id"]
        return key.report(self.reporter, 1)

    def ticket(self, key: Key) -> str:
        """What a user gets whose one device, `counted`, is as many as allowed."""
        user = self.user()
        body = self.login_body(user) | {"client_id": self.full_client()}
        self.counted = self.call("POST", "/v1/sessions", body)["device_id"]
        body = self.login_body(user, key) | {"client_id": self.full_client()}
        headers = {**self.backend(), "X-Forwarded-For": self.address()}
        answer = self._http.post(f"{self.url}/v1/sessions", json=body, headers=headers, timeout=30)
        return answer.json()["ticket"]["ticket"]

    def full_client(self) -> str:
        """A client whose users have one device."""
        if not self._full:
            self._full = self.add_client()
            self.call("PATCH", f"/v1/clients/{self._full}", {"limits": {"max": 1}})
        return self._full

    def disable_full_client(self) -> None:
        """From here on there is another one."""
        self.call("PATCH", f"/v1/clients/{self._full}", {"disabled": True})
        self._full = ""

    def trust_evidence(self) -> str:
        """The path of something that speaks for a device."""
        device = self.login(self.user(), Key()).answer["device_id"]
        path = f"/v1/devices/{device}/evidence"
        said = self.call("POST", path, {"kind": "mdm", "seconds": 600})
        return f"{path}/{said['evidence']['evidence_id']}"

    def frozen_user(self) -> str:
        """Somebody who said of a device that it was not theirs."""
        device = self.login(self.user(), Key())
        path = f"/v1/me/devices/{self.login(device.user).answer['device_id']}/not-me"
        headers = {**device.headers("POST", self.url + path), "X-Forwarded-For": self.address()}
        self._http.post(self.url + path, headers=headers, timeout=30).raise_for_status()
        return device.user

    def disabled_client(self) -> str:
        client = self.add_client()
        self.call("PATCH", f"/v1/clients/{client}", {"disabled": True})
        return client

    def adopted(self) -> tuple[Session, dict]:
        """A session with the backend's own tokens, and those."""
        tokens = self.tokens()
        return self.login(self.user(), tokens=tokens), tokens

    def tokens(self) -> dict:
        hashed = sha256(str(self.number()).encode()).hexdigest()
        return {"access": {"sha256": hashed, "expires_at": FAR_AWAY}}


def ipv6(number: int) -> str:
    """An address in a /64 of its own."""
    groups = [f"{number >> shift & 0xFFFF:x}" for shift in (32, 16, 0)]
    return f"2001:{':'.join(groups)}::1"
