"""Writes per second on both engines, beside what the disk lets the engine do.

The bare side is measured twice: through this repository's store, in the same process, and without
any of its code: SQLite by Python's own module, PostgreSQL by pgbench.
"""

import json
import os
import pathlib
import re
import sqlite3
import tempfile
import time

import common

CALLERS = 64
SECONDS = common.setting("SECONDS", 3)


def measure(command, wanted, ratios):
    """Rounds of one of the binary's benches on each engine: what it reports as `wanted`, and of
    each pair in `ratios` the first to the second."""
    load = common.load()
    binary = common.binary()
    engines = {"sqlite": sqlite_round, "postgres": postgres_round}
    rounds = {engine: [] for engine in engines}

    def served(*more):
        words = [binary, "bench", command, "--callers", CALLERS, "--seconds", SECONDS]
        report = json.loads(common.output([*words, "--output", "json", *more]))
        names = ["bare_commits", "bare_writes", *wanted]
        return {name: common.rounded(report[name]) for name in names}

    for number in range(common.setting("ROUNDS", 5)):
        for engine, measure_once in engines.items():
            rounds[engine].append(measure_once(served, number))
            common.say(f"{engine} {json.dumps(rounds[engine][-1])}")
    result = {
        "unit": "per second",
        "callers": CALLERS,
        "seconds_each": SECONDS,
        "synchronous": {"sqlite": "FULL, WAL", "postgres": "on, fsync on"},
        "engines": {engine: summary(all_of, ratios) for engine, all_of in rounds.items()},
    }
    return result, load


def summary(rounds, ratios):
    """The rounds, their medians, and the ratios."""
    each = {f"{above}_to_{below}": common.ratios(rounds, above, below) for above, below in ratios}
    return {"rounds": rounds, "medians": common.medians(rounds), **each}


def sqlite_round(served, _number):
    with tempfile.TemporaryDirectory() as folder:
        foreign = sqlite_commits(pathlib.Path(folder) / "bare.db")
        return {"sqlite3_commits_1": foreign, **served("--folder", folder)}


def sqlite_commits(path):
    """Inserts of one row that commit one by one, as Python's SQLite does them."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    began, count = time.monotonic(), 0
    while time.monotonic() - began < SECONDS:
        database.execute("INSERT INTO bare (text) VALUES (?)", (f"row {count}",))
        count += 1
    rate = count / (time.monotonic() - began)
    database.close()
    return common.rounded(rate)


def postgres_round(served, number):
    server = os.environ["COUNTERSIGN_TEST_POSTGRES"].rsplit("/", 1)[0]
    scratch = f"{server}/bench_{number}"
    run("psql", "-q", "-c", f"CREATE DATABASE bench_{number}", f"{server}/postgres")
    run("psql", "-q", "-c", "CREATE TABLE bare (id bigserial PRIMARY KEY, text text)", scratch)
    foreign = {f"pgbench_commits_{callers}": pgbench(scratch, callers) for callers in (1, CALLERS)}
    run("psql", "-q", "-c", "DROP TABLE bare", scratch)
    report = {**foreign, **served("--store", scratch)}
    run("psql", "-q", "-c", f"DROP DATABASE bench_{number}", f"{server}/postgres")
    return report


def pgbench(database, callers):
    """Inserts of one row that commit one by one."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write("INSERT INTO bare (text) VALUES ('row');\n")
        script.flush()
        words = ["-n", "-M", "prepared", "-c", callers, "-j1", "-T", SECONDS, "-f", script.name]
        told = run("pgbench", *words, database)
    return common.rounded(float(re.search(r"tps = ([\d.]+)", told).group(1)))


def run(name, *words):
    """One of PostgreSQL's own programs."""
    return common.output([f"{os.environ['COUNTERSIGN_BENCH_POSTGRES_PROGRAMS']}/{name}", *words])
