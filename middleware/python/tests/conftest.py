"""What the tests share: the table, one real service, one scene."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.apps import FRAMEWORKS, Running
from support.fake import Fake
from support.scene import Scene
from support.server import start_server
from support.stub import Stub

TABLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "conformance" / "cases.json").read_text(encoding="utf-8")
)


class Apps:
    """A framework's app per state of the service, started when a case asks for it."""

    def __init__(self, framework: str, scene: Scene) -> None:
        self._make = FRAMEWORKS[framework]
        self._scene = scene
        self._running: dict[str, Running] = {}
        self._stubs: list[Stub] = []

    def port(self, service: str) -> int:
        if service not in self._running:
            app = self._make(
                self._options(TABLE["services"][service]), TABLE["routes"], self._scene.client_id
            )
            self._running[service] = Running(app)
        return self._running[service].port

    def _options(self, row: dict[str, Any]) -> dict[str, Any]:
        url, api_key = self._scene.server.url, self._scene.server.api_key
        if "api_key" in row:
            api_key = self._scene.api_keys[row["api_key"]]
        if row["server"] != "countersign":
            stub = Stub(row, url)
            self._stubs.append(stub)
            url = stub.url
        return {"url": url, "api_key": api_key, "public_url": TABLE["public_url"]}

    def stop(self) -> None:
        for running in self._running.values():
            running.stop()
        for stub in self._stubs:
            stub.stop()


@pytest.fixture(scope="session")
def scene() -> Iterator[Scene]:
    server = start_server()
    try:
        yield Scene(server, TABLE["public_url"])
    finally:
        server.stop()


@pytest.fixture(scope="module", params=FRAMEWORKS)
def apps(request: pytest.FixtureRequest, scene: Scene) -> Iterator[Apps]:
    apps = Apps(request.param, scene)
    yield apps
    apps.stop()


@pytest.fixture
def fake() -> Iterator[Fake]:
    fake = Fake()
    yield fake
    fake.stop()
