"""A PostgreSQL database of this run's own, whose statements can be made to fail."""

import uuid
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

# Crockford's base 32, in which ids are written.
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"

TABLES = """
SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_sqlx%'
"""

# A row security policy that calls this makes any statement end with any SQLSTATE.
FAULT = """
CREATE FUNCTION fault(code text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN RAISE EXCEPTION 'asked for' USING ERRCODE = code; END $$
"""


class Database:
    """Created under a role without privileges: row security does not bind a superuser."""

    def __init__(self, server: str) -> None:
        name = f"api_document_{uuid.uuid4().hex}"
        self._name = sql.Identifier(name)
        self._server = server
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(self._name))
            connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(self._name))
        parts = urlsplit(server)
        place = parts.netloc.rpartition("@")[2]
        self._own = urlunsplit(parts._replace(path=f"/{name}"))
        self.url = urlunsplit(parts._replace(netloc=f"{name}@{place}", path=f"/{name}"))
        self.execute(FAULT)

    def drop(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(self._name))
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(self._name))

    def execute(self, statement, parameters: tuple = ()) -> None:
        with psycopg.connect(self._own, autocommit=True) as connection:
            connection.execute(statement, parameters or None)

    def revoke(self, device: str) -> None:
        self.execute("UPDATE devices SET state = 'revoked' WHERE id = %s", (uuid_of(device),))

    def suspend(self, device: str) -> None:
        """Cuts a device off for now; no call does that yet."""
        self.execute("UPDATE devices SET state = 'suspended' WHERE id = %s", (uuid_of(device),))

    @contextmanager
    def failing(self, sqlstate: str, commands: str = "ALL"):
        """Meanwhile every statement, or every INSERT, ends with this SQLSTATE."""
        self._each_table(
            "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE {0} FORCE ROW LEVEL SECURITY",
            *self._policies(sqlstate, commands),
        )
        try:
            yield
        finally:
            self._each_table(
                "DROP POLICY IF EXISTS fault ON {0}",
                "DROP POLICY IF EXISTS pass ON {0}",
                "ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY",
                "ALTER TABLE {0} DISABLE ROW LEVEL SECURITY",
            )

    @staticmethod
    def _policies(sqlstate: str, commands: str) -> list[str]:
        check = f"fault('{sqlstate}')"
        if commands == "ALL":
            return [f"CREATE POLICY fault ON {{0}} USING ({check}) WITH CHECK ({check})"]
        return [
            "CREATE POLICY pass ON {0} USING (true)",
            f"CREATE POLICY fault ON {{0}} AS RESTRICTIVE FOR {commands} WITH CHECK ({check})",
        ]

    def _each_table(self, *statements: str) -> None:
        with psycopg.connect(self._own, autocommit=True) as connection:
            for (table,) in connection.execute(TABLES).fetchall():
                # One table at a time: whoever held several would wait for a job that holds another.
                with connection.transaction():
                    for statement in statements:
                        connection.execute(sql.SQL(statement).format(sql.Identifier(table)))


def uuid_of(text: str) -> uuid.UUID:
    """The UUID of an id with a prefix."""
    number = 0
    for digit in text.rpartition("_")[2]:
        number = number * 32 + DIGITS.index(digit)
    return uuid.UUID(int=number)
