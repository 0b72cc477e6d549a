"""The stores that `measure_size.py` compares, and the servers over them."""

import base64
import contextlib
import hashlib
import json
import os
import re
import subprocess
import time
import uuid
from datetime import datetime, timedelta, timezone

import common
import size_calls
import size_rows

PLATFORMS = ("ios", "android", "web")


class Store:
    """A database, and how a server over it is started."""

    def __init__(self, binary, folder, engine):
        folder.mkdir()
        self.words, self.env = [binary, "--data-dir", folder], dict(os.environ)
        if engine == "postgres":
            self.psql, url = new_database(folder.name)
            self.env["COUNTERSIGN_STORE__URL"] = url
            self.env["COUNTERSIGN_KEY_ENCRYPTION_KEY"] = base64.b64encode(os.urandom(32)).decode()
            self.rows = lambda: size_rows.Postgres(self.psql, url)
        else:
            self.psql, self.file = None, folder / "countersign.db"
            self.rows = lambda: size_rows.Sqlite(self.file)
        scopes = "sessions:write,verify,devices:read,clients:write"
        words = ["admin", "create-api-key", "--name", "bench", "--scope", scopes, "--output", "json"]
        self.key = json.loads(common.output([*self.words, *words], env=self.env))["secret"]

    @contextlib.contextmanager
    def served(self, **memory):
        """A server that is ready, and how many seconds that took."""
        port = common.free_port()
        words = [*self.words, "serve", "--log-level", "warn", "--metrics-listen", "127.0.0.1:0"]
        words += ["--public-listen", f"127.0.0.1:{port}", "--internal-listen", f"127.0.0.1:{port}"]
        more = {f"COUNTERSIGN_MEMORY__{name.upper()}": str(number) for name, number in memory.items()}
        began = time.monotonic()
        with common.running(words, env=self.env | more, stdout=subprocess.DEVNULL) as process:
            common.ask(f"http://127.0.0.1:{port}/readyz", pause=0.002)
            yield Served(self.key, port, process.pid, time.monotonic() - began)

    def fill(self, population):
        """Copies a first login of each of three clients for everybody; answers the clients' ids."""
        with self.served() as server:
            clients = [server.client(platform) for platform in PLATFORMS]
            answers = [server.ask(server.login(client, f"first-of-{client}")) for client in clients]
        rows = self.rows()
        size_rows.copy(rows, [size_rows.Login(rows, one) for one in answers], population)
        return clients

    def warm(self):
        """Has the system read every page: what is compared is not the disk."""
        if self.psql:
            common.output([self.psql, "-q", "-d", self.env["COUNTERSIGN_STORE__URL"], "-c", PREWARM])
            return
        with open(self.file, "rb") as pages:
            while pages.read(1 << 24):
                pass


PREWARM = """
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pg_prewarm;
SELECT SUM(pg_prewarm(oid, 'read')) FROM pg_class
WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace
"""


def new_database(name):
    server = os.environ["COUNTERSIGN_TEST_POSTGRES"].rsplit("/", 1)[0]
    psql = f"{os.environ['COUNTERSIGN_BENCH_POSTGRES_PROGRAMS']}/psql"
    database = f"size_{name}_{os.getpid()}"
    common.output([psql, "-q", "-c", f"CREATE DATABASE {database}", f"{server}/postgres"])
    return psql, f"{server}/{database}"


class Served:
    """A server that can be asked."""

    def __init__(self, key, port, pid, seconds_to_start):
        self.key, self.port, self.pid, self.seconds_to_start = key, port, pid, seconds_to_start
        self.connection = size_calls.Connection(port)

    def ask(self, request):
        return self.connection.ask(request)

    def client(self, platform):
        body = {"name": platform, "platform": platform, "audience": "https://api.example"}
        body["proof_of_possession"] = "optional"
        return self.ask(size_calls.request("POST", "/v1/clients", self.key, body))["client_id"]

    def login(self, client_id, user, installation=None):
        """A login whose token the backend made."""
        end = datetime.now(timezone.utc) + timedelta(days=29)
        token = hashlib.sha256(os.urandom(16)).hexdigest()
        body = {
            "event": "login",
            "client_id": client_id,
            "user_id": user,
            "amr": ["pwd"],
            "device": {
                "installation_id": str(installation or uuid.uuid4()),
                "name": "Phone",
                "model": "Model 3",
                "os_version": "17.1",
                "app_version": "3.2.1",
            },
            "tokens": {"access": {"sha256": token, "expires_at": f"{end:%Y-%m-%dT%H:%M:%SZ}"}},
            "client_ip": "192.0.2.7",
        }
        return size_calls.request("POST", "/v1/sessions", self.key, body)

    def verify(self, token):
        return size_calls.request("POST", "/v1/verify", self.key, {"token": token})

    def introspect(self, token):
        return size_calls.request("POST", "/oauth/introspect", self.key, form={"token": token})

    def own_devices(self, token):
        return size_calls.request("GET", "/v1/me/devices", token)

    def users_devices(self, user, query):
        return size_calls.request("GET", f"/v1/users/{user}/devices?{query}", self.key)

    def resident(self):
        """RssAnon of proc(5), in bytes: what the process keeps, without the database that it maps."""
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as status:
            kib = re.search(r"^RssAnon:\s+(\d+) kB$", status.read(), re.MULTILINE).group(1)
        return int(kib) * 1024
