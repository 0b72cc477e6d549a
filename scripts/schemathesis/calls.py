"""One good call of each operation, with everything that it needs made beforehand."""

import uuid
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from keys import Key
from proxies import PREFIX, RULE, Held, held, is_judgement
from world import Session, World

RULES = """
[[rule]]
id = "ios-minimum"
platform = "ios"
check = { os = true }
effect = "report"
"""
FORM = "application/x-www-form-urlencoded"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"


@dataclass(frozen=True)
class Call:
    """A request: with the device that makes it, or with an API key, or with neither."""

    method: str
    path: str
    body: object = None
    form: dict | None = None
    headers: dict[str, str] = field(default_factory=dict)
    device: Session | None = None
    api_key: str | None = None
    held: Held | None = None

    def but(self, **changes: object) -> "Call":
        return replace(self, **changes)

    def content(self) -> tuple[str | None, object]:
        """The media type and what is sent as it."""
        if self.form is not None:
            return FORM, urlencode(self.form)
        return (None, None) if self.body is None else ("application/json", self.body)

    def credentials(self, url: str) -> dict[str, str]:
        if self.device is not None and self.held is not None:
            return self.device.headers(self.held.method, self.held.url)
        if self.device is not None:
            return self.device.headers(self.method, url + self.path.partition("?")[0])
        return {} if self.api_key is None else {"Authorization": f"Bearer {self.api_key}"}


class Calls:
    """Makes calls by the operation's id."""

    def __init__(self, world: World) -> None:
        self._world = world

    def good(self, operation: str) -> Call:
        return self._judgement(operation) if is_judgement(operation) else getattr(self, operation)()

    def _backend(self, method: str, path: str, body: object = None, **more: object) -> Call:
        return Call(method, path, body, api_key=self._world.api_key["secret"], **more)

    def _device(self, method: str, path: str, body: object = None) -> Call:
        """By a device with a key, which names another one of the same user as `{other}`."""
        device = self._world.login(self._world.user(), Key())
        if "{other}" in path:
            path = path.replace("{other}", self._world.login(device.user).answer["device_id"])
        return Call(method, path, body, device=device)

    def _judgement(self, operation: str) -> Call:
        """By a proxy, about the request of a device with a key; `judge_put_for_envoy` is a PUT."""
        action, _, family = operation.partition("_for_")
        method = action.removeprefix("judge").lstrip("_").upper() or "GET"
        path = f"{PREFIX}/orders" if family == "envoy" else f"/auth/{family}/{RULE}"
        about = held(operation, self._world.url, method, path)
        return self._device(method, path).but(headers=about.headers, held=about)

    def _users(self, method: str, path: str, body: object = None) -> Call:
        device = self._world.login(self._world.user())
        return self._backend(
            method, f"/v1/users/{device.user}/devices/{device.answer['device_id']}{path}", body
        )

    def get_jwks(self) -> Call:
        return Call("GET", "/.well-known/jwks.json")

    def get_server_metadata(self) -> Call:
        return Call("GET", "/.well-known/oauth-authorization-server")

    def introspect(self) -> Call:
        token = self._world.login(self._world.user()).answer["access_token"]
        return self._backend("POST", "/oauth/introspect", form={"token": token})

    def revoke(self) -> Call:
        return self.introspect().but(path="/oauth/revoke")

    def issue_token(self) -> Call:
        form = {
            "grant_type": EXCHANGE,
            "client_id": self._world.client,
            "subject_token": self._world.id_token(),
            "subject_token_type": ID_TOKEN,
        }
        proof = Key().proof("POST", f"{self._world.url}/oauth/token")
        return Call("POST", "/oauth/token", form=form, headers={"DPoP": proof})

    def ask_challenge(self) -> Call:
        body = {"client_id": self._world.client, "purpose": "enroll"}
        return Call("POST", "/v1/enrollments/challenges", body)

    def enroll_device(self) -> Call:
        path, body = "/v1/enrollments", self._world.enrollment("enroll")
        body["device"] = {"installation_id": str(uuid.uuid4())}
        return Call("POST", path, body, headers={"DPoP": Key().proof("POST", self._world.url + path)})

    def rotate_key(self) -> Call:
        path, body, old = "/v1/enrollments/rotate", self._world.enrollment("rotate"), Key()
        self._world.login(self._world.user(), old)
        body["previous_proof"] = old.proof("POST", self._world.url + path)
        return Call("POST", path, body, headers={"DPoP": Key().proof("POST", self._world.url + path)})

    def unenroll_device(self) -> Call:
        path, key = "/v1/enrollments/unenroll", Key()
        self._world.login(self._world.user(), key)
        headers = {"DPoP": key.proof("POST", self._world.url + path)}
        return Call("POST", path, {"client_id": self._world.client}, headers=headers)

    def disown_device(self) -> Call:
        return self._device("POST", "/v1/me/devices/{other}/not-me")

    def unfreeze_user(self) -> Call:
        return self._backend("POST", f"/v1/users/{self._world.frozen_user()}/unfreeze")

    def check_in(self) -> Call:
        return Call("POST", "/v1/check-in", {"report": self._world.report()})

    def forged_report(self) -> Call:
        """About a device, by another key than its own."""
        device = self._world.login(self._world.user(), Key()).answer["device_id"]
        return Call("POST", "/v1/check-in", {"report": Key().report(device, 1)})

    def get_rules(self) -> Call:
        return self._backend("GET", "/v1/compliance/rules")

    def list_rules(self) -> Call:
        return self._backend("GET", "/v1/compliance/rules/history")

    def apply_rules(self) -> Call:
        return self._backend("PUT", "/v1/compliance/rules", {"text": RULES})

    def get_device_compliance(self) -> Call:
        return self._devices("GET", "/compliance")

    def put_posture(self) -> Call:
        return self._devices("PUT", "/posture").but(body={"os_family": "ios", "os_version": "18.1"})

    def list_with_ticket(self) -> Call:
        return self._with_ticket("/v1/limit-tickets/devices")

    def remove_with_ticket(self) -> Call:
        call = self._with_ticket("/v1/limit-tickets/remove")
        return call.but(body=call.body | {"device_id": self._world.counted})

    def _with_ticket(self, path: str) -> Call:
        key = Key()
        headers = {"DPoP": key.proof("POST", self._world.url + path)}
        return Call("POST", path, {"ticket": self._world.ticket(key)}, headers=headers)

    def assert_device(self) -> Call:
        key, action = Key(), "pay 100 EUR to 42"
        device = self._world.login(self._world.user(), key)
        challenge = self._world.enrollment("assert")["challenge"]
        jws = key.assertion(self._world.client, challenge, action)
        body = {"challenge": challenge, "action": action, "assertion": {"kind": "key", "jws": jws}}
        return self._backend("POST", f"/v1/sessions/{device.answer['session_id']}/assertions", body)

    def list_nodes(self) -> Call:
        return self._backend("GET", "/v1/nodes")

    def list_api_keys(self) -> Call:
        return self._backend("GET", "/v1/api-keys")

    def create_api_key(self) -> Call:
        return self._backend("POST", "/v1/api-keys", {"name": "one", "scopes": ["verify"]})

    def revoke_api_key(self) -> Call:
        return self._backend("DELETE", f"/v1/api-keys/{self._world.add_api_key('verify')['key_id']}")

    def list_clients(self) -> Call:
        return self._backend("GET", "/v1/clients")

    def create_client(self) -> Call:
        body = {"name": "Shop", "platform": "ios", "audience": "https://api.shop.example"}
        return self._backend("POST", "/v1/clients", body)

    def get_client(self) -> Call:
        return self._backend("GET", f"/v1/clients/{self._world.victim_client()}")

    def update_client(self) -> Call:
        return self.get_client().but(method="PATCH", body={"name": f"Shop {self._world.number()}"})

    def set_play_credentials(self) -> Call:
        path = f"{self.get_client().path}/play-integrity"
        return self._backend("PUT", path, self._world.response_keys())

    def remove_play_credentials(self) -> Call:
        call = self.set_play_credentials()
        self._world.call("PUT", call.path, call.body)
        return call.but(method="DELETE", body=None)

    def log_out(self) -> Call:
        return self._device("POST", "/v1/logout")

    def list_own_devices(self) -> Call:
        return self._device("GET", "/v1/me/devices")

    def remove_own_device(self) -> Call:
        return self._device("DELETE", "/v1/me/devices/{other}")

    def rename_own_device(self) -> Call:
        return self._device("PATCH", "/v1/me/devices/{other}", {"name": "Laptop"})

    def log_out_own_device(self) -> Call:
        return self._device("POST", "/v1/me/devices/{other}/logout")

    def end_other_sessions(self) -> Call:
        call = self._device("POST", "/v1/me/sessions/end-others")
        self._world.login(call.device.user)
        return call

    def register_session(self) -> Call:
        return self._backend("POST", "/v1/sessions", self._world.login_body(self._world.user(), Key()))

    def replace_tokens(self) -> Call:
        session, _ = self._world.adopted()
        path = f"/v1/sessions/{session.answer['session_id']}/tokens"
        return self._backend("PUT", path, self._world.tokens())

    def list_user_devices(self) -> Call:
        user = self._world.login(self._world.user()).user
        return self._backend("GET", f"/v1/users/{user}/devices")

    def remove_user_device(self) -> Call:
        return self._users("DELETE", "")

    def rename_user_device(self) -> Call:
        return self._users("PATCH", "", {"name": "Laptop"})

    def log_out_user_device(self) -> Call:
        return self._users("POST", "/logout")

    def _devices(self, method: str, path: str = "") -> Call:
        device = self._world.login(self._world.user()).answer["device_id"]
        return self._backend(method, f"/v1/devices/{device}{path}")

    def get_device(self) -> Call:
        return self._devices("GET")

    def add_trust_evidence(self) -> Call:
        device = self._world.login(self._world.user(), Key()).answer["device_id"]
        body = {"kind": "mdm", "seconds": 600, "note": "Seen at the desk"}
        return self._backend("POST", f"/v1/devices/{device}/evidence", body)

    def withdraw_trust_evidence(self) -> Call:
        return self._backend("DELETE", self._world.trust_evidence())

    def suspend_device(self) -> Call:
        return self._devices("POST", "/suspend")

    def resume_device(self) -> Call:
        return self._devices("POST", "/resume")

    def revoke_device(self) -> Call:
        return self._devices("POST", "/revoke")

    def create_ban(self) -> Call:
        device = self._world.login(self._world.user()).answer["device_id"]
        return self._backend("POST", "/v1/bans", {"device_id": device})

    def list_bans(self) -> Call:
        return self._backend("GET", "/v1/bans")

    def lift_ban(self) -> Call:
        return self._backend("DELETE", f"/v1/bans/{self._world.ban()}")

    def list_approvals(self) -> Call:
        return self._backend("GET", "/v1/approvals")

    def approve(self) -> Call:
        return self._backend("POST", f"/v1/approvals/{self._world.approval()}/approve")

    def reject(self) -> Call:
        return self._backend("POST", f"/v1/approvals/{self._world.approval()}/reject")

    def disable_user(self) -> Call:
        return self._backend("POST", f"/v1/users/{self._world.user()}/disable")

    def enable_user(self) -> Call:
        user = self._world.user()
        self._world.call("POST", f"/v1/users/{user}/disable", None)
        return self._backend("POST", f"/v1/users/{user}/enable")

    def verify(self) -> Call:
        token = self._world.login(self._world.user()).answer["access_token"]
        return self._backend("POST", "/v1/verify", {"token": token})

    def pull_feed(self) -> Call:
        return self._backend("POST", "/v1/feed", {"verifier_id": "vrf_01m8157mc6ffxbfa33xp24tt7v"})

    def read_feed_session(self) -> Call:
        session = self._world.login(self._world.user()).answer["session_id"]
        return self._backend("POST", "/v1/feed/session", {"session_id": session})

    def report_seen(self) -> Call:
        return self._backend("POST", "/v1/feed/seen", {"seen": []})

    def refresh(self) -> Call:
        """A `register_session` that goes on with a session."""
        session = self._world.login(self._world.user())
        body = self._world.login_body(session.user)
        body.update(event="refresh", refresh_token=session.answer["refresh_token"])
        return self.register_session().but(body=body)


def with_unknown_ids(call: Call) -> Call:
    """The same call of things that do not exist."""
    known = {"apr_", "ban_", "cli_", "dev_", "key_", "ses_"}
    path, question, query = call.path.partition("?")
    parts = [f"{part[:4]}{'0' * 26}" if part[:4] in known else part for part in path.split("/")]
    if parts == path.split("/"):
        # A user's id that no user has: it is longer than one may be.
        parts = [uuid.uuid4().hex * 10 if part.startswith("user-") else part for part in parts]
    return call.but(path="/".join(parts) + question + query)
