"""Proves the API against its own document: docs/openapi.json against the real binary.

First schemathesis with all it has, then calls for the statuses that generated data cannot reach; in the
end every status that the document lists must have been seen.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from database import Database
from document import Document
from issuer import Issuer
from record import Record
from server import serving
from statuses import Statuses
from world import World

LEAST_PERCENT = 95
# Documented statuses that no call here reaches, each with the reason.
NOT_REACHED: dict[tuple[str, int], str] = {}
HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "docs/openapi.json"


def main() -> int:
    # Else the server would outlive this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    postgres = os.environ.get("COUNTERSIGN_TEST_POSTGRES") or sys.exit(
        "COUNTERSIGN_TEST_POSTGRES must name a server"
    )
    database, issuer = Database(postgres), Issuer()
    try:
        with tempfile.TemporaryDirectory() as folder, serving(database.url, Path(folder)) as (url, api_key):
            world = World(url, api_key, issuer.url)
            return prove(world, database, Path(folder))
    finally:
        issuer.close()
        database.drop()


def prove(world: World, database: Database, folder: Path) -> int:
    record = folder / "record"
    record.touch()
    is_proved = run_schemathesis(world, folder, record)
    document = Document(DOCUMENT)
    statuses = Statuses(world, database, document, Record(record))
    statuses.run()
    for fault in statuses.faults:
        print(f"not as documented: {fault}")
    seen = Record.read(record)
    return 0 if report(document.pairs(), seen) and is_proved and not statuses.faults else 1


def report(pairs: set[tuple[str, int]], seen: set[tuple[str, int]]) -> bool:
    """Says how much of the document was seen; whether that is enough, and the rest has a reason."""
    reached = pairs & seen
    unexplained = 0
    for pair in sorted(pairs - seen):
        reason = NOT_REACHED.get(pair)
        unexplained += reason is None
        print(f"not reached: {pair[0]} {pair[1]}: {reason or 'UNEXPLAINED'}")
    for pair in sorted(NOT_REACHED.keys() & reached):
        unexplained += 1
        print(f"reached, although there is a reason why it is not: {pair[0]} {pair[1]}")
    percent = 100 * len(reached) / len(pairs)
    print(f"documented statuses reached: {len(reached)} of {len(pairs)} ({percent:.1f} %)")
    return percent >= LEAST_PERCENT and not unexplained


def run_schemathesis(world: World, folder: Path, record: Path) -> bool:
    environment = {
        **os.environ,
        "API_DOCUMENT_URL": world.url,
        "API_DOCUMENT_WORLD": world.dump(),
        "API_DOCUMENT_RECORD": str(record),
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "--config-file",
        str(HERE / "schemathesis.toml"),
        "run",
    ]
    return (
        subprocess.run(
            [*command, str(DOCUMENT), *sys.argv[1:]], env=environment, cwd=folder, check=False
        ).returncode
        == 0
    )


if __name__ == "__main__":
    sys.exit(main())
