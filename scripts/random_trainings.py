"""Random trainings against real Keras: `python scripts/random_trainings.py --count 2000`.

Draws programs that train a small model, has lstmlint and Keras say what comes of each, and prints every difference and how
many raised, compared unlike shapes in silence, or were right.  `--python` names an interpreter with another Keras.  Status 1
where they differ.
"""

import argparse
import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def main() -> int:
    """Run as a script."""
    from random_trainings.oracle import Keras, Tally, compared
    from random_trainings.programs import program

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=500, help="how many programs")
    parser.add_argument("--seed", type=int, default=0, help="of the first program; each has its own")
    parser.add_argument("--python", default=sys.executable, help="the interpreter with the Keras to compare with")
    parser.add_argument("--show", type=int, default=20, help="how many differences to print")
    options = parser.parse_args()
    result, start = Tally(), time.monotonic()
    with Keras(options.python) as keras:
        for seed in range(options.seed, options.seed + options.count):
            source = program(random.Random(seed), keras.version)
            known = len(result.differences)
            result.add(source, *compared(source, keras))
            if known < len(result.differences) <= options.show:
                print(f"seed {seed}\n{source}  -> {result.differences[-1][1]}\n", flush=True)
    right = result.trainings - result.raised - result.silent
    print(
        f"{result.trainings} trainings: {result.raised} raised, {result.silent} compared unlike shapes, {right} right"
    )
    print(f"{len(result.differences)} differences; {time.monotonic() - start:.0f} s")
    print("raised:", dict(result.raising.most_common()))
    print("told:", dict(result.told.most_common()))
    for name, counted in result.drawn.items():
        print(f"{name}:", dict(counted.most_common()))
    return 1 if result.differences else 0


if __name__ == "__main__":
    sys.exit(main())
