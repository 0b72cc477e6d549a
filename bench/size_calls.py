"""Calls over one connection, each timed; no library in between that takes longer than the answer."""

import json
import socket
import statistics
import time
import urllib.parse


class Connection:
    """HTTP/1.1 to one listener of a server on this machine, one request at a time."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request):
        self.socket.sendall(request)

    def receive(self):
        """Status and body of the next answer."""
        told = self.socket.recv(65536)
        while b"\r\n\r\n" not in told:
            told += self._more()
        head, _, body = told.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += self._more()
        return int(head[9:12]), body

    def timed(self, request):
        """Microseconds until the whole answer was here; it must be a success."""
        began = time.perf_counter_ns()
        self.send(request)
        status, body = self.receive()
        took = (time.perf_counter_ns() - began) / 1000
        if status not in (200, 201) or b'"allowed":false' in body:
            raise SystemExit(f"{request.splitlines()[0]}: {status} {body}")
        return took

    def ask(self, request):
        """The answer's JSON."""
        self.send(request)
        status, body = self.receive()
        if status not in (200, 201):
            raise SystemExit(f"{request.splitlines()[0]}: {status} {body}")
        return json.loads(body)

    def _more(self):
        more = self.socket.recv(1 << 20)
        if not more:
            raise SystemExit("the server hung up")
        return more


def request(method, path, bearer, body=None, form=None):
    """One request's bytes, with JSON or a form in it."""
    head = [f"{method} {path} HTTP/1.1", "host: localhost", f"authorization: Bearer {bearer}"]
    text, kind = b"", "application/json"
    if body is not None:
        text = json.dumps(body).encode()
    if form is not None:
        text, kind = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
    if text:
        head += [f"content-type: {kind}", f"content-length: {len(text)}"]
    return "\r\n".join([*head, "", ""]).encode() + text


def all_at_once(port, requests, connections=16):
    """Sends many introspections over several connections; every session must be active."""
    open_ones = [Connection(port) for _ in range(connections)]
    waiting = []
    for number, one in enumerate(requests):
        connection = open_ones[number % connections]
        if len(waiting) == connections:
            check(waiting.pop(0).receive())
        connection.send(one)
        waiting.append(connection)
    for connection in waiting:
        check(connection.receive())


def check(answer):
    status, body = answer
    if status != 200 or not body.startswith(b'{"active":true'):
        raise SystemExit(f"refused: {status} {body}")


def spread(times):
    """Half and 99 of 100 were quicker, in microseconds."""
    ordered = sorted(times)
    return {"p50_us": statistics.median(ordered), "p99_us": ordered[len(ordered) * 99 // 100]}
