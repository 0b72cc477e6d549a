"""What the binary weighs: memory at rest, size, crates, and on request the time of a cold build."""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time

import common

MB = 1_000_000
GOAL_RSS_MB = 50
GOAL_BINARY_MB = 40
GOAL_CRATES = 350
IDLE_SECONDS = 10


def main():
    load = common.load()
    result = {}
    if common.setting("COLD", 0):
        result["cold_release_build"] = cold_build()
    binary = common.binary()
    samples = memory_at_rest(binary)
    result |= {
        "rss_mb": {"each_second": samples, "highest": max(samples)},
        "binary_mb": common.rounded(binary.stat().st_size / MB),
        "outside_crates": crates(),
    }
    goals = [
        common.at_most("resident memory at rest, MB", max(samples), GOAL_RSS_MB),
        common.at_most("size of the binary, MB", result["binary_mb"], GOAL_BINARY_MB),
        common.at_most("crates of others in it", result["outside_crates"], GOAL_CRATES),
    ]
    common.finish(result, goals, load)


def memory_at_rest(binary):
    """Resident memory of a server that is ready and was asked nothing since, each second."""
    with tempfile.TemporaryDirectory() as folder:
        internal = common.free_port()
        words = [binary, "serve", "--data-dir", folder, "--log-level", "warn"]
        for name, port in [("public", 0), ("internal", internal), ("metrics", 0)]:
            words += [f"--{name}-listen", f"127.0.0.1:{port}"]
        with common.running(words, cwd=folder, stdout=subprocess.DEVNULL) as process:
            common.ask(f"http://127.0.0.1:{internal}/readyz")
            samples = []
            for _ in range(IDLE_SECONDS):
                time.sleep(1)
                samples.append(resident(process.pid))
        return samples


def resident(pid):
    """VmRSS of proc(5), which counts in KiB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        kib = re.search(r"^VmRSS:\s+(\d+) kB$", status.read(), re.MULTILINE).group(1)
    return common.rounded(int(kib) * 1024 / MB)


def crates():
    told = common.output(["cargo", "xtask", "dependencies"], cwd=common.ROOT)
    return int(re.search(r"from (\d+) outside crates", told).group(1))


def cold_build():
    """Wall and CPU seconds of the release build into an empty folder; sources are downloaded before."""
    fetch = ["cargo", "fetch", "--locked"]
    subprocess.run(fetch, cwd=common.ROOT, check=True, stdout=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "CARGO_TARGET_DIR": folder, "CARGO_INCREMENTAL": "0"}
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        build = ["cargo", "build", "--release", "--locked", "--package", "countersign-cli"]
        subprocess.run(build, cwd=common.ROOT, check=True, env=env, stdout=sys.stderr)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        wall = time.monotonic() - began
    return {"wall_seconds": round(wall), "cpu_seconds": round(cpu), "cpus": os.cpu_count()}


main()
