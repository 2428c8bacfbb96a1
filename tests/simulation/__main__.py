"""Play worlds from their seeds: `python -m tests.simulation --seed 123` repeats one, and tells it.

Exits with 1 when a promise was broken in any of them.
"""

import argparse
import sys

from tests.simulation.judge import judged
from tests.simulation.simulation import Simulation


def main() -> int:
    """The number of the exit."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first world")
    parser.add_argument("--seeds", type=int, default=1, help="how many worlds from there on")
    parser.add_argument("--trace", action="store_true", help="tell all that happens")
    asked = parser.parse_args()
    broken = 0
    for seed in range(asked.seed, asked.seed + asked.seeds):
        simulation = Simulation(seed)
        try:
            simulation.play()
            faults = judged(simulation)
        finally:
            if asked.trace:
                say(*simulation.world.told())
        say(*(f"seed {seed}: {fault}" for fault in faults))
        broken += bool(faults)
    say(f"{asked.seeds} worlds, {broken} of them broken")
    return 1 if broken else 0


def say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
