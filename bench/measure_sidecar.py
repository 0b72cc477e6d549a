"""A sidecar's `/v1/verify` over HTTP, on one core, with and without proofs of possession.

The sidecar, the node that it follows and the bare handler of `measure_http.py` share core 1 and rest
while another one is measured; wrk has core 0. In each round the sidecar and the bare handler answer
the same requests for a few seconds: of a session without a key, and of devices with a key, each of
whose requests brings a proof of its own. These proofs are signed before the clock starts. wrk looks
at every answer, and one that does not say yes ends the measurement; that a proof which comes twice
is such a one is tried before. Beside the rate stands the CPU time that the process spent on an answer.
"""

import contextlib
import dataclasses
import json
import pathlib
import re
import subprocess
import tempfile
import time

import common

SECONDS = common.setting("SECONDS", 3)
ROUNDS = common.setting("ROUNDS", 7)
DEVICES = common.setting("DEVICES", 100)
# For a round: more than can be answered in it.
PROOFS = common.setting("PROOFS", 40_000)
# A sidecar remembers 200,000 used proofs until they are too old, and keeps an eighth of the room for
# proofs with a nonce.
ROOM = common.setting("ROOM", 150_000)
REMEMBERED_SECONDS = 66
PROOFS_USED_TWICE = 200
CONNECTIONS = 32

TOLD = r"(?s)Requests/sec:\s+(?P<rate>[\d.]+).*allowed=(?P<allowed>\d+) refused=(?P<refused>\d+) (?P<first>[^\n]*)"
COUNT = """
local threads = {}
allowed, refused, first = 0, 0, ''
function setup(thread) table.insert(threads, thread) end
function response(status, headers, body)
  if status == 200 and body:find('"allowed":true', 1, true) then
    allowed = allowed + 1
  else
    refused = refused + 1
    if first == '' then first = status .. ' ' .. body end
  end
end
function done()
  for _, thread in ipairs(threads) do
    print('allowed=' .. thread:get('allowed') .. ' refused=' .. thread:get('refused') .. ' ' .. thread:get('first'))
  end
end
"""
QUESTIONS = """
wrk.method = 'POST'
wrk.headers['Content-Type'] = 'application/json'
local questions, asked = {{}}, 0
function init(args)
  for line in io.lines('{path}') do
    questions[#questions + 1] = wrk.format(nil, nil, nil, line)
  end
end
function request()
  -- From the beginning again when there are no more: whoever judges refuses what comes twice.
  asked = asked % #questions + 1
  return questions[asked]
end
"""


@dataclasses.dataclass
class Load:
    """Whom to ask, and with what."""

    pid: int
    url: str
    script: pathlib.Path
    has_proofs: bool = False


def main():
    load = common.load()
    binary = common.binary()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        scene = Scene(stack, binary, pathlib.Path(folder))
        used_twice = scene.use_proofs_twice()
        rounds = scene.measure()
    finish(rounds, used_twice, load)


class Scene:
    """A node with a bare handler, and a sidecar that follows it."""

    def __init__(self, stack, binary, folder):
        words = [binary, "bench", "serve-target", "--server", "127.0.0.1:0", "--bare", "127.0.0.1:0"]
        told, target = start(stack, [*words, "--folder", folder, "--devices", DEVICES], 3)
        node, bare = told["server"], told["bare"]
        words = [binary, "sidecar", "--service", node.removesuffix("/v1/verify")]
        words += ["--api-key-file", folder / "api-key", "--listen", "127.0.0.1:0"]
        told, sidecar = start(stack, words, 1)
        url = told["listening sidecar"] + "/v1/verify"
        self.questions, self.signed = folder / "questions", bare.removesuffix("v1/verify") + "questions"
        plain, proofs = folder / "plain.lua", folder / "proofs.lua"
        plain.write_text((folder / "verify.lua").read_text() + COUNT)
        proofs.write_text(QUESTIONS.format(path=self.questions) + COUNT)
        self.loads = {
            "sidecar": Load(sidecar, url, plain),
            "bare": Load(target, bare, plain),
            "sidecar_with_proof": Load(sidecar, url, proofs, has_proofs=True),
            "bare_with_proof": Load(target, bare, proofs, has_proofs=True),
        }
        request = (folder / "request.json").read_bytes()
        if ask(url, request) != ask(bare, request):
            raise SystemExit("the bare handler answers something else")
        self.used = []
        self.wait_until_proofs_need_no_nonce()

    def wait_until_proofs_need_no_nonce(self):
        """A sidecar that has just begun cannot know which proofs were used before."""
        deadline = time.monotonic() + 60
        while True:
            self.sign(1)
            answer = json.loads(ask(self.loads["sidecar"].url, self.questions.read_bytes()))
            if answer["allowed"]:
                return
            if answer["code"] != "use_dpop_nonce" or time.monotonic() > deadline:
                raise SystemExit(f"refused: {answer}")
            time.sleep(0.5)

    def use_proofs_twice(self):
        """Shows that the measurement would notice: each proof is good for one answer."""
        self.sign(PROOFS_USED_TWICE)
        said = wrk(self.loads["sidecar_with_proof"], 1)
        if said["allowed"] != PROOFS_USED_TWICE or "proof_replayed" not in said["first"]:
            raise SystemExit(f"proofs that come twice are not told: {said}")
        return {"proofs": PROOFS_USED_TWICE, "allowed": said["allowed"], "refused": said["refused"]}

    def measure(self):
        for load in self.loads.values():
            self.rate(load)  # Once without counting.
        rounds = []
        for _ in range(ROUNDS):
            rounds.append({})
            for name, load in self.loads.items():
                rounds[-1] |= dict(zip((name, f"{name}_cpu_us"), self.rate(load)))
            common.say(json.dumps(rounds[-1]))
        return rounds

    def rate(self, load):
        """Requests per second, and microseconds of CPU time that the process spent on one."""
        if load.has_proofs:
            self.wait_for_room()
            self.sign(PROOFS)
        before = common.cpu_seconds(load.pid)
        said = wrk(load, SECONDS)
        spent = common.cpu_seconds(load.pid) - before
        if said["refused"]:
            raise SystemExit(f"{said['refused']} of the answers were no yes: {said['first']}")
        if load is self.loads["sidecar_with_proof"]:
            self.used.append((time.monotonic(), said["allowed"]))
        return common.rounded(said["rate"]), common.rounded(spent * 1e6 / said["allowed"])

    def wait_for_room(self):
        while sum(count for at, count in self.used if at + REMEMBERED_SECONDS > time.monotonic()) + PROOFS > ROOM:
            time.sleep(0.5)

    def sign(self, count):
        self.questions.write_bytes(common.ask(f"{self.signed}/{count}"))


def start(stack, words, lines):
    """Starts a program on core 1; answers what it told, and its process."""
    process = stack.enter_context(
        common.running(common.pinned(1, words), stdout=subprocess.PIPE, text=True)
    )
    told = dict(process.stdout.readline().strip().split("=", 1) for _ in range(lines))
    return told, process.pid


def ask(url, question):
    return common.ask(url, question, {"content-type": "application/json"})


def wrk(load, seconds):
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", load.script, load.url]
    told = common.output(common.pinned(0, words))
    found = re.search(TOLD, told)
    if not found or "Socket errors" in told:
        raise SystemExit(f"wrk did not do well:\n{told}")
    counts = {name: int(found[name]) for name in ("allowed", "refused")}
    return {**counts, "rate": float(found["rate"]), "first": found["first"]}


def finish(rounds, used_twice, load):
    pairs = {"": ("sidecar", "bare"), "with_proof_": ("sidecar_with_proof", "bare_with_proof")}
    result = {
        "unit": "requests per second and microseconds of CPU time for each, server on one core, load generator on another",
        "load": f"wrk, HTTP/1.1, {CONNECTIONS} connections, {SECONDS} s; every answer is looked at",
        "with_proof": f"{DEVICES} devices, a proof for each request, signed before",
        "rounds": rounds,
        "medians": common.medians(rounds),
        "proofs_that_came_twice": used_twice,
    }
    for name, (sidecar, bare) in pairs.items():
        result[f"{name}sidecar_to_bare"] = common.ratios(rounds, sidecar, bare)
        result[f"{name}cpu_of_sidecar_to_bare"] = common.ratios(rounds, f"{sidecar}_cpu_us", f"{bare}_cpu_us")
    common.finish(result, [], load)


if __name__ == "__main__":
    main()
