"""The devices, sessions and tokens that the cases speak of."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from .key import Key
from .server import Server


@dataclass
class SceneDevice:
    scheme: str = ""
    token: str = ""
    key: Key | None = None
    session: dict[str, Any] = field(default_factory=dict)


class Scene:
    """A client, a device per kind of token, and a nonce."""

    def __init__(self, server: Server, public_url: str) -> None:
        self.server = server
        self.public_url = public_url
        client = {
            "name": "conformance",
            "platform": "web",
            "audience": public_url,
            "origins": [public_url],
            "proof_of_possession": "optional",
            "nonce_policy": "always",
            # One device tries more bad proofs than one may.
            "admission": {"bad_proofs": {"limit": 0}},
        }
        self.client_id = server.must("POST", "/v1/clients", client)["client_id"]
        self.nonce = self._nonce()
        self.other_key = Key()
        narrow = server.must("POST", "/v1/api-keys", {"name": "narrow", "scopes": ["devices:read"]})
        self.api_keys = {"without_verify": narrow["secret"], "unknown": "csak_unknown"}
        self.devices = {
            "bound": self._keyed("alice"),
            "unbound": self._unkeyed("bob"),
            "expired": self._adopted("carol"),
            "logged_out": self._keyed("dave"),
        }
        device_id = self.devices["logged_out"].session["device_id"]
        server.must("POST", f"/v1/users/dave/devices/{device_id}/logout")

    def _nonce(self) -> str:
        refused = self.server.api("POST", "/v1/sessions", self._login("alice", Key(), None))
        return str(refused.json()["dpop_nonce"])

    def _keyed(self, user_id: str) -> SceneDevice:
        key = Key()
        session = self.server.must("POST", "/v1/sessions", self._login(user_id, key, self.nonce))
        return SceneDevice("DPoP", session["access_token"], key, session)

    def _unkeyed(self, user_id: str) -> SceneDevice:
        session = self.server.must("POST", "/v1/sessions", self._login(user_id, None, None))
        return SceneDevice("Bearer", session["access_token"], None, session)

    def _adopted(self, user_id: str) -> SceneDevice:
        """A token of the app's own whose time is over already: nobody has to wait for it."""
        token = f"own-{uuid.uuid4()}"
        expires_at = (datetime.now(timezone.utc) - timedelta(hours=1)).isoformat()
        access = {"sha256": sha256(token.encode()).hexdigest(), "expires_at": expires_at}
        login = {**self._login(user_id, None, None), "tokens": {"access": access}}
        return SceneDevice("Bearer", token, None, self.server.must("POST", "/v1/sessions", login))

    def _login(self, user_id: str, key: Key | None, nonce: str | None) -> dict[str, Any]:
        url = f"{self.public_url}/login"
        login: dict[str, Any] = {
            "event": "login",
            "client_id": self.client_id,
            "user_id": user_id,
            "amr": ["pwd"],
            "device": device_report(),
        }
        if key:
            login["proof"] = {"jwt": key.proof("POST", url, nonce=nonce), "htm": "POST", "htu": url}
        return login


def device_report() -> dict[str, str]:
    return {"installation_id": str(uuid.uuid4()), "app_version": "1.2.3"}
