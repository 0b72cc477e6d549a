"""A real `countersign` on free ports, with a temporary database."""

import os
import re
import subprocess
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass
class Server:
    url: str
    api_key: str
    process: "subprocess.Popen[str]"

    def api(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.api_key}"}
        return httpx.request(method, self.url + path, json=body, headers=headers, trust_env=False)

    def must(self, method: str, path: str, body: Any = None) -> Any:
        response = self.api(method, path, body)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def start_server() -> Server:
    """Starts the binary that `COUNTERSIGN_BIN` names; without one the run fails."""
    binary = os.environ.get("COUNTERSIGN_BIN")
    assert binary, "COUNTERSIGN_BIN must name the countersign binary"
    free = "127.0.0.1:0"
    flags = [
        "--public-listen",
        free,
        "--internal-listen",
        free,
        "--log-level",
        "error",
        "--log-format",
        "text",
    ]
    process = subprocess.Popen([binary, "serve", "--dev", *flags], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = ""
    for line in process.stdout:
        if found := re.match(r"listening .*internal=(\S+)", line):
            url = found[1]
        if found := re.match(r"API_KEY=(\S+)", line):
            return Server(url, found[1], process)
    raise AssertionError("countersign did not start")
