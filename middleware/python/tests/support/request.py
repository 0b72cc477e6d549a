"""A request exactly as a case describes it: headers twice, a Host that lies."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: Any


def send(port: int, method: str, target: str, headers: list[tuple[str, str]], body: Any = None) -> Reply:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        has_host = any(name == "Host" for name, _ in headers)
        connection.putrequest(method, target, skip_host=has_host, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        content = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            connection.putheader("Content-Type", "application/json")
        if method != "GET":
            connection.putheader("Content-Length", str(len(content)))
        connection.endheaders(content or None)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        text = response.read()
        return Reply(response.status, found, json.loads(text) if text else None)
    finally:
        connection.close()
