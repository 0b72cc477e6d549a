"""Enrollments per second on both engines, beside what the disk lets the engine do.

Each is of a new key that nothing vouches for, and takes three writes one after the other: the
challenge is noted, then taken, whatever comes of the rest, and at last the device is written. So with
bare writes at best a third as many are possible.
"""

import common
import engines


def main():
    wanted = ["challenges", "enrollments", "writes_an_enrollment"]
    ratios = [
        ("challenges", "bare_writes"),
        ("enrollments", "bare_commits"),
        ("enrollments", "bare_writes"),
    ]
    result, load = engines.measure("enrollments", wanted, ratios)
    common.finish(result, [], load)


main()
