"""The way to Countersign: one JSON call, within a time, over connections that are kept open."""

import asyncio
import json
import os
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import httpx

_MOST_ANSWER_BYTES = 64 * 1024
# Below the 15 s and more for which servers keep an idle connection.
_KEPT = httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=10)
_SINGLE = httpx.Limits(max_connections=None, max_keepalive_connections=0)
# A kept connection had gone, perhaps.
_STALE = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)

_AnyClient = TypeVar("_AnyClient", httpx.Client, httpx.AsyncClient)


class ServiceError(Exception):
    """The service could not be asked, or its answer makes no sense; the text never holds a secret."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered; `body` is `None` unless it is JSON."""

    status: int
    headers: httpx.Headers
    body: Any


class Service:
    """A Countersign service or sidecar, from threads and event loops alike."""

    def __init__(self, url: str, api_key: str) -> None:
        self._socket = url.removeprefix("unix:") if url.startswith("unix:/") else None
        self._base = "http://localhost" if self._socket else url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        # Trusts what the machine trusts, `SSL_CERT_FILE` included. Without https there is nothing to load.
        self._tls = ssl.create_default_context() if url.startswith("https:") else False
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._threads: _Clients[httpx.Client] | None = None
        self._loops: _Loops = WeakKeyDictionary()

    def ask(self, path: str, body: dict[str, Any], timeout: float) -> Answer:
        """Asks for a judgement, and again at once if a kept connection had gone: nothing changes by it."""
        deadline = time.monotonic() + timeout
        try:
            return self._send(self._clients().kept, path, body, deadline)
        except _STALE:
            pass
        except httpx.HTTPError as error:
            raise _described(error) from None
        return self._send_once(path, body, deadline)

    def change(self, path: str, body: dict[str, Any], timeout: float) -> Answer:
        """Asks for a change, over a connection of its own: so it is never in doubt whether it was sent."""
        return self._send_once(path, body, time.monotonic() + timeout)

    async def aask(self, path: str, body: dict[str, Any], timeout: float) -> Answer:
        """Is `ask` in an event loop."""

        async def either() -> Answer:
            clients = self._aclients()
            try:
                return await self._asend(clients.kept, path, body)
            except _STALE:
                return await self._asend(clients.single, path, body)

        return await _within(either(), timeout)

    async def achange(self, path: str, body: dict[str, Any], timeout: float) -> Answer:
        """Is `change` in an event loop."""
        return await _within(self._asend(self._aclients().single, path, body), timeout)

    def close(self) -> None:
        """Closes idle connections of threads; those of an event loop end with it."""
        with self._lock:
            if self._threads is not None:
                self._threads.kept.close()
                self._threads.single.close()
            self._forget()

    async def aclose(self) -> None:
        """Closes the idle connections of this event loop."""
        clients = self._loops.pop(asyncio.get_running_loop(), None)
        if clients is not None:
            await clients.kept.aclose()
            await clients.single.aclose()

    def _send_once(self, path: str, body: dict[str, Any], deadline: float) -> Answer:
        try:
            return self._send(self._clients().single, path, body, deadline)
        except httpx.HTTPError as error:
            raise _described(error) from None

    def _send(self, client: httpx.Client, path: str, body: dict[str, Any], deadline: float) -> Answer:
        timeouts = {"timeout": _Remaining(deadline)}
        with client.stream("POST", path, content=_encoded(body), extensions=timeouts) as response:
            chunks = _Chunks()
            for chunk in response.iter_raw():
                chunks.add(chunk)
                if time.monotonic() > deadline:
                    raise ServiceError("no answer in time")
            return chunks.answer(response)

    async def _asend(self, client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> Answer:
        async with client.stream("POST", path, content=_encoded(body)) as response:
            chunks = _Chunks()
            async for chunk in response.aiter_raw():
                chunks.add(chunk)
            return chunks.answer(response)

    def _clients(self) -> "_Clients[httpx.Client]":
        with self._lock:
            # A connection shared with a forked process would mix up answers.
            if self._pid != os.getpid():
                self._forget()
            if self._threads is None:
                self._threads = self._pair(httpx.Client, httpx.HTTPTransport)
            return self._threads

    def _aclients(self) -> "_Clients[httpx.AsyncClient]":
        with self._lock:
            if self._pid != os.getpid():
                self._forget()
            loop = asyncio.get_running_loop()
            if loop not in self._loops:
                self._loops[loop] = self._pair(httpx.AsyncClient, httpx.AsyncHTTPTransport)
            return self._loops[loop]

    def _pair(
        self, client: Callable[..., _AnyClient], transport: Callable[..., Any]
    ) -> "_Clients[_AnyClient]":
        def make(limits: httpx.Limits) -> _AnyClient:
            return client(
                base_url=self._base,
                headers=self._headers,
                transport=transport(uds=self._socket, verify=self._tls, limits=limits, trust_env=False),
                timeout=None,
                follow_redirects=False,
                # Neither a proxy's address nor a .netrc password comes from the environment.
                trust_env=False,
            )

        return _Clients(make(_KEPT), make(_SINGLE))

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._threads = None
        self._loops = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class _Clients(Generic[_AnyClient]):
    """One client that keeps connections, one that does not."""

    kept: _AnyClient
    single: _AnyClient


_Loops = WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients[httpx.AsyncClient]]


class _Remaining(dict[str, float]):
    """What is left of the time, read by httpx as each of connecting, writing and reading begins.

    So a body is timed as a whole, but a header that trickles is not: each of its bytes has the time
    that was left when the header began. In an event loop everything is.
    """

    def __init__(self, deadline: float) -> None:
        super().__init__()
        self._deadline = deadline

    def get(self, _name: str, _default: Any = None) -> float:
        return max(self._deadline - time.monotonic(), 0.001)


class _Chunks:
    """An answer's body as it comes in."""

    def __init__(self) -> None:
        self._body = bytearray()

    def add(self, chunk: bytes) -> None:
        self._body += chunk
        if len(self._body) > _MOST_ANSWER_BYTES:
            raise ServiceError("the answer is too long")

    def answer(self, response: httpx.Response) -> Answer:
        try:
            body = json.loads(self._body)
        # The parser's own message may quote what it read.
        except (ValueError, RecursionError):
            body = None
        return Answer(response.status_code, response.headers, body)


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


async def _within(answering: Any, timeout: float) -> Answer:
    try:
        answer: Answer = await asyncio.wait_for(answering, timeout)
    except (asyncio.TimeoutError, TimeoutError):
        raise ServiceError("no answer in time") from None
    except httpx.HTTPError as error:
        raise _described(error) from None
    return answer


def _described(error: httpx.HTTPError) -> ServiceError:
    if isinstance(error, httpx.TimeoutException):
        return ServiceError("no answer in time")
    return ServiceError(f"no connection or a broken one: {type(error).__name__}")
