"""What is Starlette's own: WebSockets, layers, dependencies."""

import asyncio
from typing import Any

import pytest
from starlette.requests import HTTPConnection
from support.fake import YES, Fake

from countersign import Countersign
from countersign.starlette import DeviceMiddleware, device, incoming

OPTIONS: dict[str, Any] = {"api_key": "csak_x", "public_url": "https://api.example/v2/"}


def _websocket(gate: Countersign, headers: list[tuple[bytes, bytes]], **demands: Any) -> list[dict[str, Any]]:
    """What a WebSocket's handshake is answered with."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        assert scope["state"]["device"].device_id == "dev_x"
        await send({"type": "websocket.accept"})

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> None:
        scope = {"type": "websocket", "path": "/live", "headers": headers}
        await DeviceMiddleware(app, gate, **demands)(scope, receive, send)
        await gate.aclose()

    asyncio.run(run())
    return sent


def test_a_websocket_is_judged_as_its_handshake(fake: Fake) -> None:
    gate = Countersign(**{**OPTIONS, "url": fake.url})
    assert _websocket(gate, []) == [{"type": "websocket.close", "code": 1008}]
    fake.answer = {**YES, "dpop_nonce": "next"}
    presented = [(b"authorization", b"DPoP token"), (b"dpop", b"proof")]
    assert _websocket(gate, presented) == [
        {"type": "websocket.accept", "headers": [(b"dpop-nonce", b"next")]}
    ]
    assert (fake.asked[0]["method"], fake.asked[0]["url"]) == ("GET", "https://api.example/v2/live")


def test_a_dependency_without_the_middleware_lets_nobody_in() -> None:
    with pytest.raises(RuntimeError):
        asyncio.run(device(HTTPConnection({"type": "http", "headers": [], "state": {"device": object()}})))


def test_a_second_middleware_does_not_present_the_proof_again(fake: Fake) -> None:
    gate = Countersign(**{**OPTIONS, "url": fake.url})
    sent: list[Any] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def run(**demands: Any) -> None:
        headers = [(b"authorization", b"DPoP token"), (b"dpop", b"proof")]
        scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}

        async def send(message: Any) -> None:
            sent.append(message.get("status"))

        inner = DeviceMiddleware(app, gate, **demands)
        await DeviceMiddleware(inner, gate)(scope, None, send)  # type: ignore[arg-type]
        await gate.aclose()

    asyncio.run(run(require_key=True))
    asyncio.run(run(min_trust="corporate"))
    assert [status for status in sent if status] == [204, 403]
    assert len(fake.asked) == 2


@pytest.mark.parametrize(
    ("scope", "target"),
    [
        ({"path": "/a/b", "raw_path": b"/a%2Fb"}, "/a%2Fb"),
        ({"path": "/a b", "raw_path": None}, "/a%20b"),
        ({"path": "/a b"}, "/a%20b"),
    ],
)
def test_the_path_is_as_it_was_sent_where_the_server_keeps_it(scope: dict[str, Any], target: str) -> None:
    assert (
        incoming(HTTPConnection({"type": "http", "method": "GET", "headers": [], **scope})).target == target
    )
