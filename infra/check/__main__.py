"""`python -m infra.check [NAME…]`: run these checks, or all, and print what they find; status 0 if that is nothing."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.check import CHECKS, Finding

ROOT = Path(__file__).resolve().parents[2]


def timed(name: str) -> tuple[str, float, list[Finding]]:
    began = time.perf_counter()
    findings = sorted(set(CHECKS[name](ROOT)))
    return name, time.perf_counter() - began, findings


def main(names: list[str]) -> int:
    if unknown := [name for name in names if name not in CHECKS]:
        print(f"There is no check {', '.join(unknown)}; there are {', '.join(CHECKS)}.")
        return 2
    found = 0
    # Most of the time is other programs' or cfn-lint's; the two run beside each other.
    with ThreadPoolExecutor(2) as pool:
        for name, seconds, findings in pool.map(timed, names or CHECKS):
            print(f"{'ok  ' if not findings else 'FAIL'} {name:<12} {seconds:5.1f} s", *findings, sep="\n     ", flush=True)
            found += len(findings)
    print("Nothing found." if not found else f"{found} found.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
