"""A flame graph of the CPU of Chat-X under load: bench/results/profile.svg, by py-spy."""

import argparse
import shutil
import sys
from pathlib import Path

from bench.processes import BENCH, Failed
from bench.servers import chatx, postgres
from bench.workloads import WORKLOADS, Timing

FLAMES = BENCH / "results" / "profile.svg"
RATE = 200  # samples a second


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.flame", description=__doc__)
    parser.add_argument("--workload", choices=list(WORKLOADS), default="50x2f4")
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    workload = WORKLOADS[options.workload]
    FLAMES.parent.mkdir(exist_ok=True)
    FLAMES.unlink(missing_ok=True)
    # The profiler starts the server: only an ancestor may look into a process without being root.
    spy = str(Path(sys.executable).with_name("py-spy"))
    record = (shutil.which(spy) or "py-spy", "record", "--rate", str(RATE), "--output", str(FLAMES), "--")
    try:
        with postgres() as database, chatx(database, workload.plan, record) as running:
            print(workload.measure(running, Timing(2.0, options.seconds)))
    except Failed as failure:
        sys.exit(str(failure))
    print("written: bench/results/profile.svg")


if __name__ == "__main__":
    main()
