"""What the measurements share: the binary, processes that end with the measurement, the result.

Rates of one machine move by tens of percent between minutes. So whatever is compared runs in the
same rounds, the ratio is taken in each round, and the median of the ratios counts.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PR_SET_PDEATHSIG = 1


def setting(name, default):
    """A number that `--env COUNTERSIGN_BENCH_NAME=N` sets."""
    return int(os.environ.get(f"COUNTERSIGN_BENCH_{name}", default))


def binary():
    """Builds the binary as it is shipped; answers its path."""
    given = os.environ.get("COUNTERSIGN_BENCH_BINARY")
    if given:
        return pathlib.Path(given)
    build = ["cargo", "build", "--release", "--locked", "--package", "countersign-cli"]
    subprocess.run(build, cwd=ROOT, check=True, stdout=sys.stderr)
    return TARGET / "release" / "countersign"


def output(words, **more):
    """Runs a program to its end; answers what it wrote on standard output."""
    words = [str(word) for word in words]
    return subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE, **more).stdout


def program(name):
    """Where a program is; some are where only root looks."""
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")


def pinned(core, words):
    """The command line that keeps a program on one core, where there are two."""
    cores = os.cpu_count() or 1
    return ["taskset", "-c", str(core % cores), *map(str, words)]


@contextlib.contextmanager
def running(words, **more):
    """A process that lives as long as the block, and no longer than this one."""
    process = subprocess.Popen([str(word) for word in words], preexec_fn=_end_with_parent, **more)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def cpu_seconds(pid):
    """User and system time of a process so far, proc_pid_stat(5), in steps of 10 ms."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def ask(url, body=None, headers=None, patience=60, pause=0.05):
    """The answer's bytes, as soon as there is one with status 200."""
    request = urllib.request.Request(url, data=body, headers=headers or {})
    deadline = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:
                return answer.read()
        except (urllib.error.URLError, ConnectionError) as error:
            if time.monotonic() > deadline:
                raise SystemExit(f"{url}: {error}") from error
            time.sleep(pause)


def ratios(rounds, above, below):
    """Each round's ratio of two of its numbers, and the median of them."""
    each = [one[above] / one[below] for one in rounds]
    return {"rounds": [rounded(one) for one in each], "median": rounded(statistics.median(each))}


def medians(rounds):
    """The median of each number in the rounds."""
    return {name: rounded(statistics.median(one[name] for one in rounds)) for name in rounds[0]}


def rounded(number):
    """Four significant digits, which is more than is certain."""
    return float(f"{number:.4g}")


def at_least(what, measured, goal):
    """A goal that is met from below."""
    return _goal(what, measured, goal, ">=", measured >= goal)


def at_most(what, measured, goal):
    """A goal that is met from above."""
    return _goal(what, measured, goal, "<=", measured <= goal)


def _goal(what, measured, goal, how, is_met):
    say(f"{'met   ' if is_met else 'MISSED'}  {what}: {measured} (goal {how} {goal})")
    return {"what": what, "measured": measured, "goal": f"{how} {goal}", "met": is_met}


def say(text):
    """Tells whoever watches; the result goes to standard output."""
    print(text, file=sys.stderr, flush=True)


def load():
    """Processes that want a core, as averages over 1, 5 and 15 minutes."""
    return [round(one, 2) for one in os.getloadavg()]


def finish(result, goals, load_before):
    """Writes the result line that the campaign keeps."""
    result |= {"load_before": load_before, "load_after": load()}
    if goals:
        result |= {"goals": goals, "goals_met": all(goal["met"] for goal in goals)}
    print(json.dumps({"result": result}), flush=True)
