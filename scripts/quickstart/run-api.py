#!/usr/bin/env python3
"""Runs the `sh` blocks of docs/API.md in their order, against `countersign serve --dev`.

A block must succeed. Where a `json` block follows, the answer must have exactly its members. The server
is the binary that COUNTERSIGN_BIN names.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w+)\n([\s\S]*?)^```$\n\n?(?=(```)?)", re.M)
LISTENING = re.compile(r"^listening public=(\S+) internal=(\S+)", re.M)
API_KEY = re.compile(r"^API_KEY=(\S+)$", re.M)
END = "@@end"


def main() -> None:
    # Else the server would outlive this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    blocks = FENCE.findall((ROOT / "docs/API.md").read_text())
    with tempfile.TemporaryDirectory() as folder, server(folder) as process:
        try:
            shell = start_shell(printed_by(process))
            try:
                count = run(blocks, shell)
            finally:
                shell.stdin.close()
                shell.wait(timeout=30)
        finally:
            process.terminate()
            process.wait(timeout=30)
    print(f"{count} examples of docs/API.md do what they say")


def server(folder):
    binary = os.environ.get("COUNTERSIGN_BIN") or sys.exit(
        "COUNTERSIGN_BIN must name the binary of the server"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
    command = [binary, "--data-dir", folder, "serve", "--dev", "--log-level", "warn"]
    listen = ["--public-listen", "127.0.0.1:0", "--internal-listen", "127.0.0.1:0"]
    return subprocess.Popen([*command, *listen], stdout=subprocess.PIPE, text=True, env=kept)


def printed_by(process):
    text = ""
    for line in process.stdout:
        text += line
        if line.startswith("# That is all."):
            return text
    sys.exit(f"the server ended early:\n{text}")


def start_shell(printed):
    public, internal = LISTENING.search(printed).groups()
    environment = {
        **os.environ,
        "PUBLIC": public,
        "INTERNAL": internal,
        "API_KEY": API_KEY.search(printed)[1],
    }
    return subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )


def run(blocks, shell):
    count, output = 0, None
    for language, text, has_next in blocks:
        if language == "sh":
            output = run_block(text, shell)
            count += 1
        elif language == "json" and output is not None:
            compare(json.loads(text), output)
        if not (language == "sh" and has_next):
            output = None
    if count == 0:
        sys.exit("docs/API.md has no examples")
    return count


def run_block(text, shell):
    """`set -e` in the shell itself would end it, so each line's failure is kept by a trap."""
    shell.stdin.write(f"failed=0; trap 'failed=1' ERR\n{text}\necho; echo {END} $failed\n")
    shell.stdin.flush()
    printed = ""
    for line in shell.stdout:
        if line.startswith(END):
            if line.split()[1] != "0":
                sys.exit(f"this example fails:\n{text}\n{printed}")
            return printed
        printed += line
    sys.exit(f"the shell ended:\n{printed}")


def compare(example, output):
    answer = json.loads(output)
    if set(answer) != set(example):
        sys.exit(f"the example has {sorted(example)}, the answer {sorted(answer)}")
    for name in ("allowed", "code", "status", "ended", "is_disabled", "token_type", "active", "total"):
        if answer.get(name) != example.get(name):
            sys.exit(f"the example says {name} {example.get(name)}, the answer {answer.get(name)}")
    for entry, shown in zip(answer.get("data", []), example.get("data", []), strict=False):
        if set(entry) != set(shown):
            sys.exit(f"an entry of the example has {sorted(shown)}, of the answer {sorted(entry)}")


if __name__ == "__main__":
    main()
