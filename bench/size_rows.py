"""A million sessions in a store, without a million logins.

One session of each client is registered through the API. Every row that it left is then copied with
new ids, hashes and times: a value that is one of the login's ids is replaced by the copy's wherever
it stands, and every other column stays as the server wrote it. Ids are of version 7 and rise with
their time, as the server's do; each copy belongs to an adopted token that can be presented.
"""

import hashlib
import random
import secrets
import sqlite3
import subprocess
import time
import uuid
from datetime import datetime, timedelta

TABLES = {
    "users": "id = {user}",
    "devices": "id = {device}",
    "ownerships": "device_id = {device}",
    "sessions": "id = {session}",
    "adopted_tokens": "session_id = {session}",
    "activity": "device_id = {device}",
}
TIMES = {"created_at", "last_active_at", "last_seen_at", "absolute_expires_at", "expires_at", "at"}
HASHES = {("adopted_tokens", "hash"): "hash", ("devices", "secret_hash"): "secret"}
CHUNK = 20_000
# The oldest copy's login: sessions that are live, and tokens that are not over.
DAYS = 10


class Population:
    """Who has which session: sessions are numbered, in the order of their logins."""

    def __init__(self, name, sessions, users, many=0, every=1):
        """`users` have the sessions by turns; each `every`th belongs to one that has `many`."""
        self.name, self.sessions, self.users, self.many, self.every = name, sessions, users, many, every

    def user(self, number):
        if number % self.every == 0 and number // self.every < self.many:
            return self.name_of_many()
        return self.name_of(number % self.users)

    def name_of(self, user):
        return f"{self.name}-{user}"

    def name_of_many(self):
        return f"{self.name}-many"

    def token(self, number):
        return f"token-of-{self.name}-{number}"


class Sqlite:
    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)

    def rows(self, table, where, **ids):
        condition = where.format(**{name: f"x'{one.hex}'" for name, one in ids.items()})
        found = self.database.execute(f"SELECT * FROM {table} WHERE {condition}")
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row)) for row in found]

    @staticmethod
    def id(number):
        return number.to_bytes(16, "big")

    @staticmethod
    def uuid(value):
        return uuid.UUID(bytes=value)

    @staticmethod
    def hash(digest):
        return digest

    @staticmethod
    def earlier(value, microseconds):
        return value - microseconds

    def begin(self):
        # One transaction, in memory until its end.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -4000000"):
            self.database.execute(f"PRAGMA {pragma}")
        self.database.execute("BEGIN")

    def insert(self, table, columns, rows):
        marks = ", ".join("?" * len(columns))
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        self.database.executemany(insert, rows)

    def finish(self):
        self.database.execute("COMMIT")
        if self.database.execute("PRAGMA foreign_key_check").fetchone():
            raise SystemExit("a copied row refers to one that is not there")
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.close()


class Postgres:
    def __init__(self, psql, url):
        self.words = [psql, "-q", "-X", "-v", "ON_ERROR_STOP=1", url]
        self.loading = None

    def rows(self, table, where, **ids):
        condition = where.format(**{name: f"'{one}'" for name, one in ids.items()})
        query = f"COPY (SELECT * FROM {table} WHERE {condition}) TO STDOUT (HEADER)"
        told = subprocess.run([*self.words, "-c", query], check=True, text=True, stdout=subprocess.PIPE)
        columns, *rows = (line.split("\t") for line in told.stdout.splitlines())
        return [dict(zip(columns, row)) for row in rows]

    @staticmethod
    def id(number):
        return str(uuid.UUID(int=number))

    @staticmethod
    def uuid(value):
        return uuid.UUID(value)

    @staticmethod
    def hash(digest):
        return r"\\x" + digest.hex()

    @staticmethod
    def earlier(value, microseconds):
        # The server's text of a time, with its offset; PostgreSQL reads the calculation's result.
        return str(datetime.fromisoformat(padded(value)) - timedelta(microseconds=microseconds))

    def begin(self):
        self.loading = subprocess.Popen(self.words, stdin=subprocess.PIPE, text=True)
        # Foreign keys are checked at the end, all at once.
        self.loading.stdin.write("SET session_replication_role = replica;\n")

    def insert(self, table, columns, rows):
        write = self.loading.stdin.write
        write(f"COPY {table} ({', '.join(columns)}) FROM STDIN;\n")
        for row in rows:
            write("\t".join(row) + "\n")
        write("\\.\n")

    def finish(self):
        write = self.loading.stdin.write
        # What autovacuum does in service.
        write("VACUUM ANALYZE;\nCHECKPOINT;\n")
        write(
            "SELECT 1 / CAST((SELECT COUNT(*) FROM sessions) = (SELECT COUNT(*) FROM adopted_tokens t"
            " JOIN sessions s ON s.id = t.session_id JOIN ownerships o ON o.id = s.ownership_id"
            " AND o.user_id = s.user_id AND o.device_id = s.device_id JOIN devices d ON d.id = s.device_id"
            " AND d.client_id = s.client_id JOIN users u ON u.id = s.user_id) AS INTEGER) \\g /dev/null\n"
        )
        self.loading.stdin.close()
        if self.loading.wait():
            raise SystemExit("the rows were not copied")


def padded(value):
    """`2026-01-02 03:04:05.6+00` as `datetime` reads it."""
    time_of, offset = value[:19], value[19:]
    fraction, sign, hours = offset.partition("+") if "+" in offset else offset.partition("-")
    return f"{time_of}.{fraction[1:].ljust(6, '0')}{sign}{hours}:00"


class Login:
    """The rows of one login, and how to make them another's."""

    def __init__(self, store, answer):
        ids = {"user": None, "device": answer["device_id"], "session": answer["session_id"]}
        ids = {name: uuid.UUID(int=number_of(text)) for name, text in ids.items() if text}
        session = store.rows("sessions", TABLES["sessions"], **ids)[0]
        known = {
            session["id"]: "session",
            session["ownership_id"]: "ownership",
            session["device_id"]: "device",
            session["user_id"]: "user",
            session["app_id"]: "app",
            store.id(uuid.UUID(answer["installation_id"]).int): "installation",
        }
        ids["user"] = store.uuid(session["user_id"])
        self.rows = {table: [] for table in TABLES}
        self.columns = {}
        for table, where in TABLES.items():
            found = store.rows(table, where, **ids)
            if not found:
                raise SystemExit(f"the login left nothing in {table}")
            self.columns[table] = list(found[0])
            for row in found:
                self.rows[table].append([role(table, name, value, known) for name, value in row.items()])


def role(table, name, value, known):
    """Where a copy's value comes from: one of its own by name, or the login's."""
    if value in known:
        return known[value], None
    if (table, name) in HASHES and value not in (None, "\\N"):
        return HASHES[table, name], None
    if name == "external_id":
        return "external", None
    if table == "activity" and name == "id":
        return "fresh", None
    if name in TIMES:
        return "time", value
    return "same", value


def number_of(text):
    """The 128 bits of `ses_…`: 26 digits of Crockford's base 32."""
    number = 0
    for digit in text.partition("_")[2]:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(digit)
    return number


def copy(store, logins, population):
    """Fills the store; what is there stays."""
    store.begin()
    users = {}
    span = DAYS * 86_400_000_000
    for first in range(0, population.sessions, CHUNK):
        rows = {table: [] for table in TABLES}
        for number in range(first, min(first + CHUNK, population.sessions)):
            age = span - span * number // population.sessions
            name = population.user(number)
            is_new = name not in users
            own = copy_of(store, population, number, age)
            own["user"] = users.setdefault(name, own["user"])
            own["external"] = name
            for table, templates in logins[number % len(logins)].rows.items():
                if table != "users" or is_new:
                    rows[table].extend(made(store, template, own, age) for template in templates)
        for table, some in rows.items():
            store.insert(table, logins[0].columns[table], some)
    store.finish()


def copy_of(store, population, number, age):
    now = time.time_ns() // 1_000_000 - age // 1000
    fresh = lambda: store.id(version_7(now))
    digest = hashlib.sha256(population.token(number).encode()).digest()
    names = ("session", "ownership", "device", "user", "app")
    return {
        **{name: fresh() for name in names},
        "installation": store.id(uuid.uuid4().int),
        "hash": store.hash(digest),
        "secret": store.hash(secrets.token_bytes(32)),
        "fresh": fresh,
    }


def made(store, template, own, age):
    row = []
    for kind, value in template:
        if kind == "same":
            row.append(value)
        elif kind == "time":
            if value not in own:
                own[value] = store.earlier(value, age)
            row.append(own[value])
        elif kind == "fresh":
            row.append(own["fresh"]())
        else:
            row.append(own[kind])
    return tuple(row)


def version_7(milliseconds):
    """RFC 9562 section 5.7."""
    low = random.getrandbits(74)
    return milliseconds << 80 | 7 << 76 | (low >> 62) << 64 | 2 << 62 | low & (1 << 62) - 1
