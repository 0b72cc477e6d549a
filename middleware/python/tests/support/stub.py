"""A service that misbehaves, as a row of `services` in the table says."""

import json
import socket
import threading
from contextlib import suppress
from typing import Any


class Stub:
    """Listens on a free port; for `down` nothing listens there any more."""

    def __init__(self, row: dict[str, Any], countersign_url: str) -> None:
        self._row = row
        self._countersign_url = countersign_url
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        if row["server"] == "none":
            self._listener.close()
        else:
            self._start(self._accept)

    def stop(self) -> None:
        self._is_over.set()
        # Closing alone does not wake an accept that waits.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, run: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(self._text().replace("{countersign}", self._countersign_url).encode())
            if self._row["then"] == "hang":
                self._is_over.wait(10)
            elif self._row["then"] == "trickle":
                self._every(0.1, connection, b" ")
            elif self._row["then"] == "flood":
                self._every(0.01, connection, b" " * 65536)

    def _every(self, seconds: float, connection: socket.socket, piece: bytes) -> None:
        while not self._is_over.wait(seconds):
            connection.sendall(piece)

    def _text(self) -> str:
        if "sends" in self._row:
            return str(self._row["sends"])
        body, status = json.dumps(self._row["body"]), self._row.get("status", "200 OK")
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        return f"{head}\r\n\r\n{body}"
