"""The server under test: the real binary, on one port, over a database of its own."""

import base64
import json
import os
import re
import secrets
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

LISTENING = re.compile(r"^listening public=(\S+)", re.M)
# Addresses count as those that the run gives with each request, so that its limit is not met by accident;
# and the run is a proxy that may ask about others' requests.
TRUSTED = "COUNTERSIGN_SERVER__TRUSTED_PROXIES"
ORIGINS = "COUNTERSIGN_FORWARD_AUTH__ORIGINS"


@contextmanager
def serving(store: str, folder: Path):
    """Runs `countersign serve`; gives its URL and an API key that may do everything."""
    binary = os.environ.get("COUNTERSIGN_BIN") or sys.exit(
        "COUNTERSIGN_BIN must name the binary of the server"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
    environment = {
        **kept,
        "COUNTERSIGN_DATA_DIR": str(folder),
        "COUNTERSIGN_STORE__URL": store,
        "COUNTERSIGN_KEY_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "COUNTERSIGN_SERVER__METRICS_LISTEN": "",
        TRUSTED: '["127.0.0.1"]',
    }
    address = f"127.0.0.1:{free_port()}"
    # The app behind the proxies, which at Envoy's endpoint is the host of the call itself.
    environment[ORIGINS] = json.dumps([f"http://{address}"])
    listen = ["--public-listen", address, "--internal-listen", address]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [binary, "serve", *listen, "--log-format", "text", "--log-level", "warn"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        )
        try:
            url = listening(process, folder)
            yield url, api_key(binary, environment)
        finally:
            process.terminate()
            process.wait(timeout=60)


def listening(process: subprocess.Popen, folder: Path) -> str:
    for line in process.stdout:
        if found := LISTENING.match(line):
            return found[1].rstrip("/")
    sys.exit(f"the server ended early:\n{(folder / 'server.log').read_text()}")


def api_key(binary: str, environment: dict[str, str]) -> dict:
    scopes = "sessions:write,verify,feed:read,devices:read,devices:write,users:write,clients:read,clients:write"
    scopes += ",nodes:read,compliance:read,compliance:write,api-keys:read,api-keys:write"
    command = [binary, "admin", "create-api-key", "--name", "everything", "--output", "json"]
    made = subprocess.run(
        [*command, "--scope", scopes],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(made.stdout)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
