"""A login and a refresh through the app's own backend, in every framework, against a real service."""

from typing import Any

import pytest
from conftest import TABLE, Apps
from support.key import Key
from support.request import Reply, send
from support.scene import Scene, device_report

PUBLIC_URL: str = TABLE["public_url"]
UNSET: Any = object()


class Backend:
    """The app's backend, as a device calls it."""

    def __init__(self, apps: Apps, scene: Scene, service: str = "up") -> None:
        self._scene = scene
        self._port = apps.port(service)

    def post(
        self,
        path: str,
        key: Key,
        body: Any,
        *,
        nonce: str | None = UNSET,
        url: str | None = None,
        times: int = 1,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Reply:
        nonce = self._scene.nonce if nonce is UNSET else nonce
        proof = key.proof("POST", url or PUBLIC_URL + path, nonce=nonce)
        return send(self._port, "POST", path, [*headers, *[("DPoP", proof)] * times], body)

    def device_of(self, key: Key, session: dict[str, Any]) -> str:
        token = session["access_token"]
        proof = key.proof("GET", f"{PUBLIC_URL}/device", token=token, nonce=self._scene.nonce)
        reply = send(self._port, "GET", "/device", [("Authorization", f"DPoP {token}"), ("DPoP", proof)])
        return str(reply.body["device"]["device_id"])


def credentials(device: Any = None) -> dict[str, Any]:
    return {"email": "erin", "password": "x", "device": device or device_report()}


def assert_refused(reply: Reply, status: int, code: str, challenge: str | None, nonce: bool = True) -> None:
    assert (reply.status, reply.body["code"], reply.body["status"]) == (status, code, status)
    assert reply.headers["content-type"].startswith("application/problem+json")
    sent = reply.headers.get("www-authenticate")
    assert sent is None if challenge is None else sent and sent.startswith(challenge)
    assert ("dpop-nonce" in reply.headers) == nonce


@pytest.fixture
def backend(apps: Apps, scene: Scene) -> Backend:
    return Backend(apps, scene)


def test_a_login_is_answered_with_its_session_and_a_refresh_with_the_next_tokens(
    backend: Backend, scene: Scene
) -> None:
    key, device = Key(), device_report()
    login = backend.post("/login", key, credentials(device), headers=(("User-Agent", "Shop/1.0"),))
    assert login.status == 201
    assert login.headers["content-type"].startswith("application/json")
    assert login.headers["cache-control"] == "no-store"
    assert login.headers["dpop-nonce"] == login.body["dpop_nonce"]
    assert (login.body["token_type"], login.body["user_id"]) == ("DPoP", "erin")
    assert backend.device_of(key, login.body) == login.body["device_id"]

    body = {"refresh_token": login.body["refresh_token"], "user_id": "erin", "device": device}
    refreshed = backend.post("/refresh", key, body)
    assert refreshed.status == 200
    assert refreshed.body["session_id"] == login.body["session_id"]
    assert refreshed.body["refresh_token"] != login.body["refresh_token"]
    assert backend.device_of(key, refreshed.body) == login.body["device_id"]

    devices = scene.server.must("GET", "/v1/users/erin/devices")["data"]
    [found] = [one for one in devices if one["device_id"] == login.body["device_id"]]
    assert found["last_seen"]["ip"] == "127.0.0.1"


def test_a_nonce_that_the_service_demands_is_handed_on(backend: Backend) -> None:
    refused = backend.post("/login", Key(), credentials(), nonce=None)
    assert_refused(refused, 401, "use_dpop_nonce", 'DPoP error="use_dpop_nonce"')
    assert backend.post("/login", Key(), credentials(), nonce=refused.headers["dpop-nonce"]).status == 201


def test_a_proof_for_the_host_that_came_is_refused(backend: Backend) -> None:
    lie = "http://evil.example/login"
    refused = backend.post("/login", Key(), credentials(), url=lie, headers=(("Host", "evil.example"),))
    assert_refused(refused, 401, "proof_mismatch", 'DPoP error="invalid_dpop_proof"')


def test_two_proofs_are_refused(backend: Backend) -> None:
    refused = backend.post("/login", Key(), credentials(), times=2)
    assert_refused(refused, 401, "proof_invalid", 'DPoP error="invalid_dpop_proof"', nonce=False)


def test_a_made_up_refresh_token_is_refused(backend: Backend) -> None:
    body = {"refresh_token": "csrt_x", "user_id": "erin", "device": device_report()}
    refused = backend.post("/refresh", Key(), body)
    assert_refused(refused, 401, "refresh_invalid", 'DPoP error="invalid_token"')


def test_what_is_wrong_with_a_device_report_is_said(backend: Backend) -> None:
    refused = backend.post("/login", Key(), credentials({"installation_id": "x"}))
    assert_refused(refused, 400, "invalid_request", None, nonce=False)


@pytest.mark.parametrize("service", ["down", "wrong_key", "not_json", "floods"])
def test_a_service_that_fails_is_not_the_devices_fault(apps: Apps, scene: Scene, service: str) -> None:
    refused = Backend(apps, scene, service).post("/login", Key(), credentials())
    assert_refused(refused, 503, "unavailable", None, nonce=False)
    assert refused.headers["retry-after"] == "1"
