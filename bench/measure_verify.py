"""Judgements per second on one core, in process, beside the bare P-256 check of the same proofs."""

import json

import common

GOAL_WITHOUT_PROOF = 1_000_000
GOAL_TO_P256 = 0.9


def main():
    load = common.load()
    words = [common.binary(), "bench", "verify", "--output", "json"]
    words += ["--sessions", common.setting("SESSIONS", 1000)]
    words += ["--rounds", common.setting("ROUNDS", 9)]
    words += ["--calls", common.setting("CALLS", 200_000)]
    report = json.loads(common.output(words))
    rounds = report["rounds"]
    common.say("\n".join(json.dumps(one) for one in rounds))
    of_core = [{name: rate["core"] for name, rate in one.items()} for one in rounds]
    to_p256 = common.ratios(of_core, "with_proof", "p256_verify")
    result = {
        "hot_set": f"{report['sessions']} sessions without a key and as many with one",
        "unit": "per second; `core` counts the time that the thread had a core",
        "calls_a_round": {"without_proof": report["calls"], "with_proof": report["calls"] // 20},
        "rounds": rounds,
        "medians": common.medians(of_core),
        "with_proof_to_p256": to_p256,
    }
    without = result["medians"]["without_proof"]
    goals = [
        common.at_least("judgements per second without proof", without, GOAL_WITHOUT_PROOF),
        common.at_least("with proof / bare P-256 check", to_p256["median"], GOAL_TO_P256),
    ]
    common.finish(result, goals, load)


main()
