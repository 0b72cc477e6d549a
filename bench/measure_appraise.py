"""Appraisals per second of one core, beside the bare checks of the same evidence's signatures.

The evidence is made by a stand-in for all platforms, whose roots the binary must not believe. So this
is measured by an example of the crate that judges, and not by the binary.
"""

import json
import subprocess
import sys

import common

GOAL_TO_SIGNATURES = 0.7


def main():
    load = common.load()
    words = [example(), common.setting("ROUNDS", 9), common.setting("CALLS", 2_000)]
    report = json.loads(common.output(words))
    platforms = {name: platform(report["rounds"], name) for name in report["rounds"][0]}
    result = {
        "unit": "per second of the time that the thread had a core",
        "calls_a_round": report["calls"],
        "platforms": platforms,
    }
    goals = [
        common.at_least(
            f"{name}: appraisals / bare signature checks",
            measured["appraisals_to_signatures"]["median"],
            GOAL_TO_SIGNATURES,
        )
        for name, measured in platforms.items()
    ]
    common.finish(result, goals, load)


def platform(rounds, name):
    """One platform's rates in each round; `signatures` counts whole sets of them."""
    rates = [{what: rate["core"] for what, rate in one[name].items()} for one in rounds]
    return {
        "rounds": [{what: common.rounded(rate) for what, rate in one.items()} for one in rates],
        "medians": common.medians(rates),
        "appraisals_to_signatures": common.ratios(rates, "appraisals", "signatures"),
    }


def example():
    """Builds the example as the binary is built; answers its path."""
    words = ["cargo", "build", "--release", "--locked"]
    words += ["--package", "countersign-attestation", "--example", "appraise"]
    subprocess.run(words, cwd=common.ROOT, check=True, stdout=sys.stderr)
    return common.TARGET / "release" / "examples" / "appraise"


main()
