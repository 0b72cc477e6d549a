"""`/v1/verify` over HTTP, one server core, beside what it could at best be and what others are.

Servers share core 1 and rest while another one is measured; the load generator has core 0. In each
round one after the other answers for a few seconds: the server, a bare axum handler that parses and
answers the same JSON, nginx answering the same bytes without looking, and fastapi-users. What is
compared has the same load tool, request and protocol; nginx is measured over HTTP/1.1 too. Beside
the rate stands the CPU time that the server's process spent on an answer, which what else the
machine does hardly changes; fastapi-users' database has its own.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import common

SECONDS = common.setting("SECONDS", 3)
CONNECTIONS = 32
GOAL_TO_BARE = 0.8
GOAL_STREAMS_TO_NGINX = 1.3
GOAL_TO_PEER = 20

WRK = r"(?s)(?P<count>\d+) requests in .*Requests/sec:\s+(?P<rate>[\d.]+)"
H2LOAD = r"(?s)finished in .*?, (?P<rate>[\d.]+) req/s.* (?P<count>\d+) succeeded"
NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr error;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000; default_type application/json;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port}; listen 127.0.0.1:{streams} http2;
    location / {{ return 200 '{body}'; }}
  }}
}}
"""


def main():
    load = common.load()
    binary, peer_python = common.binary(), peer_environment()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        folder = pathlib.Path(folder)
        targets = start_target(stack, binary, folder)
        target, script = targets["pid"], folder / "verify.lua"
        nginx, nginx_streams, nginx_pid = start_nginx(stack, folder, targets["answer"])
        peer, peer_pid = start_peer(stack, peer_python, folder)
        loads = {
            "server": (target, *wrk(targets["server"], script)),
            "bare": (target, *wrk(targets["bare"], script)),
            "server_streams": (target, *h2load(targets["server"], folder)),
            "nginx_streams": (nginx_pid, *h2load(nginx_streams, folder)),
            "nginx": (nginx_pid, *wrk(nginx)),
            "peer": (peer_pid, *peer),
        }
        rounds = measure(loads)
        check(common.ask(targets["server"], *targets["request"]))
    finish(rounds, load)


def start_target(stack, binary, folder):
    words = [binary, "bench", "serve-target", "--server", "127.0.0.1:0", "--bare", "127.0.0.1:0"]
    words = common.pinned(1, [*words, "--folder", folder])
    process = stack.enter_context(common.running(words, stdout=subprocess.PIPE, text=True))
    told = dict(process.stdout.readline().strip().split("=", 1) for _ in range(3))
    key = (folder / "api-key").read_text()
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    request = ((folder / "request.json").read_bytes(), headers)
    answer = check(common.ask(told["server"], *request))
    if common.ask(told["bare"], *request) != answer:
        raise SystemExit("the bare handler answers something else")
    return {**told, "pid": process.pid, "request": request, "answer": answer.decode()}


def start_nginx(stack, folder, body):
    port, streams = common.free_port(), common.free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port, streams=streams, body=body))
    words = [common.program("nginx"), "-p", folder, "-c", config, "-e", "stderr"]
    process = stack.enter_context(common.running(common.pinned(1, words)))
    url = f"http://127.0.0.1:{port}/"
    check(common.ask(url))
    return url, f"http://127.0.0.1:{streams}/", process.pid


def peer_environment():
    """A virtual environment that is made once per target folder."""
    wanted = common.ROOT / "bench" / "peer" / "requirements.txt"
    folder = common.TARGET / "bench-peer"
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        for words in [
            [sys.executable, "-m", "venv", "--clear", folder],
            [folder / "bin" / "pip", "install", "--quiet", "-r", wanted],
        ]:
            subprocess.run(words, check=True, stdout=sys.stderr)
        stamp.write_text(wanted.read_text())
    return folder / "bin" / "python"


def start_peer(stack, python, folder):
    port, token = common.free_port(), folder / "peer-token"
    database = os.environ["COUNTERSIGN_TEST_POSTGRES"].replace("postgres://", "postgresql+asyncpg://")
    words = [python, "-m", "uvicorn", "--app-dir", common.ROOT / "bench" / "peer", "app:app"]
    words += ["--port", port, "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    words = common.pinned(1, [*words, "--log-level", "warning"])
    env = {**os.environ, "PEER_DATABASE": database, "PEER_TOKEN_FILE": str(token)}
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    process = stack.enter_context(common.running(words, env=env, stdout=sys.stderr))
    url = f"http://127.0.0.1:{port}/me"
    common.ask(f"http://127.0.0.1:{port}/openapi.json")
    bearer = f"Bearer {token.read_text()}"
    check(common.ask(url, headers={"authorization": bearer}))
    return wrk(url, header=f"Authorization: {bearer}"), process.pid


def check(answer):
    if json.loads(answer).get("allowed", True) is not True:
        raise SystemExit(f"refused: {answer}")
    return answer


def wrk(url, script=None, header=None):
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s"]
    words += ["-s", script] if script else []
    words += ["-H", header] if header else []
    return common.pinned(0, [*words, url]), WRK, r"Non-2xx|Socket errors"


def h2load(url, folder):
    key = (folder / "api-key").read_text()
    words = ["h2load", "-t1", "-c4", "-m16", f"-D{SECONDS}", "-d", folder / "request.json"]
    words += ["-H", "content-type: application/json", "-H", f"authorization: Bearer {key}", url]
    # Zero of both, or it does not count.
    wrong = r"[1-9]\d* (failed|errored|timeout)|[1-9]\d* 5xx|[1-9]\d* 4xx"
    return common.pinned(0, words), H2LOAD, wrong


def measure(loads):
    for one in loads.values():
        rate(*one)  # Once without counting.
    rounds = []
    for _ in range(common.setting("ROUNDS", 7)):
        rounds.append({})
        for name, one in loads.items():
            rounds[-1] |= dict(zip((name, f"{name}_cpu_us"), rate(*one)))
        common.say(json.dumps(rounds[-1]))
    return rounds


def rate(pid, words, number, wrong):
    """Requests per second, and microseconds of CPU time that the process spent on one."""
    before = common.cpu_seconds(pid)
    told = common.output(words)
    spent = common.cpu_seconds(pid) - before
    found = re.search(number, told)
    if not found or re.search(wrong, told):
        raise SystemExit(f"{words[3]} did not do well:\n{told}")
    count, per_second = int(found["count"]), float(found["rate"])
    return common.rounded(per_second), common.rounded(spent * 1e6 / count)


def finish(rounds, load):
    to_bare = common.ratios(rounds, "server", "bare")
    streams_to_nginx = common.ratios(rounds, "server_streams", "nginx_streams")
    to_peer = common.ratios(rounds, "server", "peer")
    result = {
        "unit": "requests per second, server on one core, load generator on another",
        "load": {
            "server, bare, nginx, peer": f"wrk, HTTP/1.1, {CONNECTIONS} connections, {SECONDS} s",
            "server_streams, nginx_streams": f"h2load, HTTP/2, 4 connections, 16 streams each, {SECONDS} s",
        },
        "peer": "fastapi-users 15.0.5, DatabaseStrategy, uvicorn with uvloop, PostgreSQL",
        "rounds": rounds,
        "medians": common.medians(rounds),
        "server_to_bare": to_bare,
        "server_to_nginx": common.ratios(rounds, "server", "nginx"),
        "server_streams_to_nginx_streams": streams_to_nginx,
        "server_streams_to_nginx": common.ratios(rounds, "server_streams", "nginx"),
        "server_to_peer": to_peer,
        "cpu": {
            "bare_to_server": common.ratios(rounds, "bare_cpu_us", "server_cpu_us"),
            "nginx_streams_to_server_streams": common.ratios(
                rounds, "nginx_streams_cpu_us", "server_streams_cpu_us"
            ),
            "peer_to_server": common.ratios(rounds, "peer_cpu_us", "server_cpu_us"),
        },
    }
    goals = [
        common.at_least("HTTP/1.1, server / bare handler", to_bare["median"], GOAL_TO_BARE),
        common.at_least(
            "HTTP/2 streams, server / nginx return 200",
            streams_to_nginx["median"],
            GOAL_STREAMS_TO_NGINX,
        ),
        common.at_least("server / fastapi-users", to_peer["median"], GOAL_TO_PEER),
    ]
    common.finish(result, goals, load)


main()
