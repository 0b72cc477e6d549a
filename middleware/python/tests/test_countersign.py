"""What needs no service: options, addresses, paths, printing, connections."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.fake import Fake
from support.stub import Stub

from countersign import Allowed, Countersign, Demands, Incoming, Refused, RelayError
from countersign.refusal import refusal

API_KEY = "csak_secret"
OPTIONS: dict[str, Any] = {
    "url": "http://127.0.0.1:1",
    "api_key": API_KEY,
    "public_url": "https://api.example/v2/",
}
PRESENTED = Incoming("GET", "/x", ["DPoP token"], ["proof"], "192.0.2.7")
Verify = Callable[[Countersign, Incoming], Any]


def _verify(gate: Countersign, request: Incoming, demands: Demands = Demands()) -> Any:  # noqa: B008
    return gate.verify(request, demands)


def _averify(gate: Countersign, request: Incoming, demands: Demands = Demands()) -> Any:  # noqa: B008
    async def run() -> Any:
        try:
            return await gate.averify(request, demands)
        finally:
            await gate.aclose()

    return asyncio.run(run())


@pytest.mark.parametrize("verify", [_verify, _averify])
@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a/b?c=d#e", "/a/b"),
        ("http://evil.example/a?b", "/a"),
        ("http://evil.example", "/"),
        ("//evil.example/a", "//evil.example/a"),
        ("*", "/"),
        ("/a%2Fb/%C3%BC", "/a%2Fb/%C3%BC"),
    ],
)
def test_the_url_is_the_public_one_with_the_path_as_it_was_sent(
    fake: Fake, verify: Verify, target: str, path: str
) -> None:
    gate = Countersign(**{**OPTIONS, "url": fake.url})
    verdict = verify(gate, Incoming("DELETE", target, ["DPoP token"], ["proof"]))
    gate.close()
    assert isinstance(verdict, Allowed) and verdict.device
    [asked] = fake.asked
    assert (asked["url"], asked["method"]) == (f"https://api.example/v2{path}", "DELETE")
    assert (asked["token"], asked["scheme"], asked["proof"]) == ("token", "DPoP", "proof")
    assert (asked["path"], asked["key"]) == ("/v1/verify", f"Bearer {API_KEY}")


@pytest.mark.parametrize(
    ("trust_proxy", "peer", "forwarded", "address"),
    [
        (0, "192.0.2.7", "198.51.100.1", "192.0.2.7"),
        (0, "::ffff:192.0.2.7", "", "192.0.2.7"),
        (0, "fe80::1%eth0", "", "fe80::1"),
        (0, None, "198.51.100.1", None),
        (0, "testclient", "", None),
        (1, "10.0.0.1", "198.51.100.1, 203.0.113.5, 10.0.0.2", "10.0.0.2"),
        (2, "10.0.0.1", "198.51.100.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (9, "10.0.0.1", "198.51.100.1, 203.0.113.5, 10.0.0.2", "198.51.100.1"),
        (1, "10.0.0.1", "nonsense", "10.0.0.1"),
        (1, "10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_the_address_is_the_sockets_or_what_the_first_of_so_many_proxies_saw(
    fake: Fake, trust_proxy: int, peer: str | None, forwarded: str, address: str | None
) -> None:
    gate = Countersign(**{**OPTIONS, "url": fake.url, "trust_proxy": trust_proxy})
    gate.verify(Incoming("GET", "/", ["Bearer token"], [], peer, [forwarded] if forwarded else []))
    gate.close()
    assert fake.asked[0].get("client_ip") == address


@pytest.mark.parametrize("verify", [_verify, _averify])
def test_demands_are_sent(fake: Fake, verify: Any) -> None:
    gate = Countersign(**{**OPTIONS, "url": fake.url})
    verify(gate, PRESENTED, Demands(min_trust="trusted", require_compliant=True, require_key=True))
    gate.close()
    [asked] = fake.asked
    wanted = {"min_trust": "trusted", "require_compliant": True, "require_key": True}
    assert {name: asked.get(name) for name in wanted} == wanted


def test_connections_are_kept_and_one_that_has_gone_is_replaced_within_the_request(fake: Fake) -> None:
    gate = Countersign(**{**OPTIONS, "url": fake.url})
    first, second = gate.verify(PRESENTED), gate.verify(PRESENTED)
    assert isinstance(first, Allowed) and isinstance(second, Allowed)
    assert fake.asked[0]["from"] is fake.asked[1]["from"]
    fake.asked[1]["from"].shutdown(socket.SHUT_RDWR)
    assert isinstance(gate.verify(PRESENTED), Allowed)
    assert len(fake.asked) == 3
    gate.close()


def test_an_event_loop_keeps_its_connections_too(fake: Fake) -> None:
    gate = Countersign(**{**OPTIONS, "url": fake.url})

    async def run() -> list[Any]:
        verdicts = [await gate.averify(PRESENTED), await gate.averify(PRESENTED)]
        fake.asked[1]["from"].shutdown(socket.SHUT_RDWR)
        verdicts.append(await gate.averify(PRESENTED))
        await gate.aclose()
        return verdicts

    assert [type(verdict) for verdict in asyncio.run(run())] == [Allowed] * 3
    assert fake.asked[0]["from"] is fake.asked[1]["from"]
    assert len(fake.asked) == 3


@pytest.mark.parametrize("verify", [_verify, _averify])
def test_a_connection_that_goes_while_it_is_asked_is_replaced_once(fake: Fake, verify: Verify) -> None:
    gate = Countersign(**{**OPTIONS, "url": fake.url})
    fake.hangs_up_next = True
    assert isinstance(verify(gate, PRESENTED), Allowed)
    gate.close()
    assert len(fake.asked) == 2


def test_a_forked_process_shares_no_connection(fake: Fake) -> None:
    gate = Countersign(**{**OPTIONS, "url": fake.url})
    gate.verify(PRESENTED)
    child = os.fork()
    if child == 0:
        verdict = gate.verify(PRESENTED)
        os._exit(0 if isinstance(verdict, Allowed) else 1)
    assert os.waitpid(child, 0)[1] == 0
    gate.verify(PRESENTED)
    gate.close()
    parent, forked, parent_again = (asked["from"] for asked in fake.asked)
    assert parent is parent_again
    assert forked is not parent


def test_one_object_serves_several_event_loops_and_threads(fake: Fake) -> None:
    gate = Countersign(**{**OPTIONS, "url": fake.url})
    verdicts: list[Any] = []
    threads = [threading.Thread(target=lambda: verdicts.append(_averify(gate, PRESENTED))) for _ in range(4)]
    threads += [threading.Thread(target=lambda: verdicts.append(gate.verify(PRESENTED))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    gate.close()
    assert [type(verdict) for verdict in verdicts] == [Allowed] * 8


@pytest.mark.parametrize("verify", [_verify, _averify])
def test_an_answer_without_end_is_not_read_to_the_end(
    verify: Verify, caplog: pytest.LogCaptureFixture
) -> None:
    stub = Stub({"server": "stub", "sends": "HTTP/1.1 200 OK\r\n\r\n", "then": "flood"}, "")
    gate = Countersign(**{**OPTIONS, "url": stub.url})
    verdict = verify(gate, PRESENTED)
    gate.close()
    stub.stop()
    assert isinstance(verdict, Refused) and verdict.status == 503
    messages = [record.getMessage() for record in caplog.records if record.name == "countersign"]
    assert messages == ["countersign could not judge a request: the answer is too long"]


@pytest.mark.parametrize("verify", [_verify, _averify])
def test_the_service_may_be_a_unix_socket(tmp_path: Path, verify: Verify) -> None:
    fake = Fake(str(tmp_path / "sidecar.sock"))
    try:
        gate = Countersign(**{**OPTIONS, "url": fake.url})
        assert isinstance(verify(gate, PRESENTED), Allowed)
        gate.close()
    finally:
        fake.stop()


def test_an_answer_without_a_session_is_none(fake: Fake) -> None:
    fake.answer = {"token_type": "DPoP"}
    gate = Countersign(**{**OPTIONS, "url": fake.url})
    with pytest.raises(RelayError) as raised:
        gate.relay_login(PRESENTED, client_id="cli_x", user_id=1, device={})
    gate.close()
    assert raised.value.refused.status == 503


@pytest.mark.parametrize("user_id", [None, True, [1]])
def test_nobody_is_logged_in_by_the_name_of_none(user_id: Any) -> None:
    with pytest.raises(TypeError):
        Countersign(**OPTIONS).relay_login(PRESENTED, client_id="cli_x", user_id=user_id, device={})


def test_every_code_that_the_service_documents_for_a_refusal_has_its_title_here() -> None:
    text = (Path(__file__).parents[3] / "docs" / "openapi.json").read_text(encoding="utf-8")
    codes = json.loads(text)["components"]["schemas"]["Refusal"]["enum"]
    assert len(codes) > 20
    assert [code for code in codes if refusal(code, 401).body["title"] == code.replace("_", " ")] == []


def test_no_secret_is_printed(fake: Fake) -> None:
    fake.answer = {"session_id": "ses_x", "access_token": "secret", "refresh_token": "secret"}
    gate = Countersign(**{**OPTIONS, "url": fake.url})
    relayed = gate.relay_login(PRESENTED, client_id="cli_x", user_id=1, device={})
    gate.close()
    assert relayed.body == fake.answer
    printed = f"{gate!r} {gate} {relayed!r} {relayed} {PRESENTED!r}"
    assert not any(secret in printed for secret in (API_KEY, "secret", "DPoP token", "'proof'"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "ftp://x"),
        ("url", "https://user:secret@host"),
        ("api_key", "secret with space"),
        ("public_url", "https://x?secret"),
        ("public_url", "api.example"),
        ("timeout", 0),
        ("relay_timeout", -1),
        ("trust_proxy", True),
    ],
)
def test_options_that_cannot_be_right_are_refused_without_showing_them(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name) as raised:
        Countersign(**{**OPTIONS, name: value})
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("demands", [{"min_trust": "high"}, {"require_key": "no"}, {"required": 0}])
def test_a_demand_that_cannot_be_right_is_refused(demands: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        Demands(**demands)


def test_the_first_verdict_of_a_refusal_names_its_code(fake: Fake) -> None:
    fake.answer = {"allowed": False, "code": "device_banned", "status": 403}
    gate = Countersign(**{**OPTIONS, "url": fake.url})
    verdict = gate.verify(PRESENTED)
    gate.close()
    assert isinstance(verdict, Refused)
    assert (verdict.status, verdict.code, "WWW-Authenticate" in verdict.headers) == (
        403,
        "device_banned",
        False,
    )
