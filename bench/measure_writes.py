"""Logins and refreshes per second on both engines, beside what the disk lets the engine do."""

import common
import engines


def main():
    wanted = ["logins", "refreshes"]
    bare = ["bare_commits", "bare_writes"]
    ratios = [(above, below) for below in bare for above in wanted]
    result, load = engines.measure("writes", wanted, ratios)
    common.finish(result, [], load)


main()
