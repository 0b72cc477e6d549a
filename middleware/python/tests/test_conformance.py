"""Every case of ../conformance/cases.json, in every framework, against a real service."""

import time
from typing import Any

import pytest
from conftest import TABLE, Apps
from support.request import Reply, send
from support.scene import Scene, SceneDevice

Row = dict[str, Any]
Headers = list[tuple[str, str]]


@pytest.mark.parametrize("row", TABLE["cases"], ids=lambda row: row["name"])
def test_case(row: Row, apps: Apps, scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    port = apps.port(row.get("service", "up"))
    caplog.clear()
    method, target, headers = _request(row, scene)
    if (row.get("proof") or {}).get("replayed"):
        assert send(port, method, target, headers).status == 200
    began = time.monotonic()
    reply = send(port, method, target, headers)
    _check(row, reply, scene, 1000 * (time.monotonic() - began))
    _check_log(row, caplog, scene, headers)


def _request(row: Row, scene: Scene) -> tuple[str, str, Headers]:
    wanted = row.get("request", {})
    method, target = wanted.get("method", "GET"), wanted.get("target", "/device")
    device = scene.devices.get(row.get("token", ""), SceneDevice())
    headers = list(row.get("headers", {}).items())
    for value in row.get("authorization", [f"{device.scheme} {{token}}"] if device.token else []):
        headers.append(("Authorization", _filled(value).replace("{token}", device.token)))
    proof = row.get("proof")
    if proof is not None:
        text = _filled(proof["text"]) if "text" in proof else _proof(proof, method, target, device, scene)
        headers += [("DPoP", text)] * proof.get("times", 1)
    return method, target, headers


def _proof(proof: Row, method: str, target: str, device: SceneDevice, scene: Scene) -> str:
    own_key = device.key if proof.get("key") != "other" else None
    return (own_key or scene.other_key).proof(
        proof.get("method", method),
        proof.get("url", TABLE["public_url"] + target.partition("?")[0]),
        token="another" if proof.get("token") == "other" else device.token,
        nonce=scene.nonce if proof.get("nonce", True) else None,
        age_seconds=proof.get("age_seconds", 0),
    )


def _filled(text: str) -> str:
    return text.replace("{8193 bytes}", "a" * 8193)


def _check(row: Row, reply: Reply, scene: Scene, took_ms: float) -> None:
    expected = {**TABLE["refusals"].get(row["expect"].get("refusal"), {}), **row["expect"]}
    headers = reply.headers
    assert {
        "status": reply.status,
        "code": reply.body.get("code"),
        "dpop_nonce": "dpop-nonce" in headers,
        "retry_after": "retry-after" in headers,
    } == {
        "status": expected.get("status", 200),
        "code": expected.get("code"),
        "dpop_nonce": expected.get("dpop_nonce", False),
        "retry_after": expected.get("retry_after", False),
    }
    assert took_ms < expected.get("within_ms", 5000)
    if reply.status == 200:
        _check_device(reply.body["device"], expected["device"], row, scene)
        return
    assert headers["content-type"].startswith("application/problem+json")
    assert headers["cache-control"] == "no-store"
    assert reply.body["status"] == reply.status
    assert reply.body["type"] == f"https://countersign.dev/problems/{reply.body['code']}"
    assert ("www-authenticate" in headers) == (reply.status == 401)
    if "www_authenticate" in expected:
        assert headers["www-authenticate"] == expected["www_authenticate"]
    if reply.status == 401:
        # The service's own title, wherever it says it.
        assert f'error_description="{reply.body["title"]}"' in headers["www-authenticate"]


def _check_device(device: Row | None, expected: Row | None, row: Row, scene: Scene) -> None:
    if expected is None:
        assert device is None
        return
    assert device is not None
    assert sorted(device) == sorted(TABLE["device_fields"])
    session = scene.devices[row["token"]].session
    known = {name: session[name] for name in ("device_id", "session_id", "user_id", "app_id")}
    facts = {**known, "app_version": "1.2.3", "amr": ["pwd"], "platform": "web", **expected}
    assert {name: device[name] for name in facts} == facts


def _check_log(row: Row, caplog: pytest.LogCaptureFixture, scene: Scene, headers: Headers) -> None:
    """The cause is logged where nobody could judge, and holds nothing secret."""
    lines = [record.getMessage() for record in caplog.records if record.name == "countersign"]
    assert len(lines) == (1 if row["expect"].get("refusal") == "unavailable" else 0), lines
    secrets = [value.rpartition(" ")[2] for _, value in headers if len(value) > 40]
    for line in caplog.text.splitlines():
        for secret in (scene.server.api_key, *scene.api_keys.values(), *secrets):
            assert secret not in line
