"""A service that says what it is told to say."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

YES = {
    "allowed": True,
    "session_id": "ses_x",
    "user_id": "42",
    "client_id": "cli_x",
    "device_id": "dev_x",
    "app_id": "app_x",
    "trust": "trusted",
    "compliance": "unevaluated",
    "platform": "web",
    "amr": [],
    "key_bound": True,
    "expires_at": "2100-01-01T00:00:00Z",
}


class Fake:
    """A service that says what it is told to, and what it was asked."""

    def __init__(self, address: str | None = None) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = YES
        self.hangs_up_next = False
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                key = self.headers["Authorization"]
                fake.asked.append({**body, "path": self.path, "key": key, "from": self.connection})
                if fake.hangs_up_next:
                    fake.hangs_up_next, self.close_connection = False, True
                    return
                content = json.dumps(fake.answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def address_string(self) -> str:
                return ""

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            address_family = socket.AF_UNIX if address else socket.AF_INET

            def server_bind(self) -> None:
                self.socket.bind(self.server_address)
                self.server_address = self.socket.getsockname()

            def get_request(self) -> Any:
                connection, _ = self.socket.accept()
                return connection, ("", 0)

        self.server = Server(address or ("127.0.0.1", 0), Handler)  # type: ignore[arg-type]
        self.url = f"unix:{address}" if address else f"http://127.0.0.1:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)
