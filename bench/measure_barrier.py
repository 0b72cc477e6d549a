"""What an ending that waits for every node costs, and what answering from memory saves.

Everything is measured by the program itself, on a PostgreSQL of the campaign's own: endings beside
bare commits, with and without Redis as wake-up; and a verifier's memory beside a Redis and the
database asked for each request.
"""

import json
import os

import common

ROUNDS = common.setting("ROUNDS", 5)


def main():
    load = common.load()
    binary = common.binary()
    redis = os.environ["COUNTERSIGN_TEST_REDIS"]
    rounds = {"notify": [], "redis": []}
    for number in range(ROUNDS):
        for name, more in (("notify", []), ("redis", ["--redis", redis])):
            report = bench(binary, "barrier", f"{name}_{number}", *more)
            rounds[name].append(flat(report))
            common.say(f"{name} {json.dumps(rounds[name][-1])}")
    beside = bench(binary, "beside", "beside", "--redis", redis)
    result = {
        "unit": "milliseconds, and per second",
        "nodes": 3,
        "verifiers": 2,
        "synchronous": "PostgreSQL: fsync, synchronous_commit on",
        "endings": {
            name: {"rounds": all_of, "medians": common.medians(all_of)}
            for name, all_of in rounds.items()
        },
        "beside": beside,
    }
    checks = [
        common.at_most(f"{name}: ending minus commit, p99 ms", middle(result, name, "difference_p99"), 10)
        for name in rounds
    ]
    checks += [
        common.at_least(f"{name}: endings a second, 50 callers", middle(result, name, "endings_per_second"), 2000)
        for name in rounds
    ]
    common.finish(result, checks, load)


def middle(result, name, figure):
    return result["endings"][name]["medians"][figure]


def flat(report):
    figures = {
        f"{name}_{percent}": report[key][percent]
        for name, key in (("commit", "commit"), ("ending", "ending"), ("difference", "ending_minus_commit"))
        for percent in ("p50", "p99")
    }
    rates = ("endings_per_second", "bare_writes_per_second")
    return {name: common.rounded(value) for name, value in (figures | {rate: report[rate] for rate in rates}).items()}


def bench(binary, name, database, *more):
    server = os.environ["COUNTERSIGN_TEST_POSTGRES"].rsplit("/", 1)[0]
    psql = [f"{os.environ['COUNTERSIGN_BENCH_POSTGRES_PROGRAMS']}/psql", "-q", "-c"]
    common.output([*psql, f"CREATE DATABASE barrier_{database}", f"{server}/postgres"])
    store = f"{server}/barrier_{database}"
    words = [binary, "bench", name, "--store", store, "--output", "json", *more]
    report = json.loads(common.output(words))
    common.output([*psql, f"DROP DATABASE barrier_{database}", f"{server}/postgres"])
    return report


if __name__ == "__main__":
    main()
