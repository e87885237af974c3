"""Random models against real Keras: `python scripts/random_models.py --count 10000`.

Draws programs, has lstmlint and Keras say what each makes of them, and prints every difference (shortened to the lines that
it needs), how many raised, how often lstmlint did not know, and how often each layer was built.  `--python` names an
interpreter with another Keras (tf.keras of TensorFlow 2.15, say).  `--keep` adds what differs to `tests/fixtures/
random_models.json`, which is tried in every run of the tests, without Keras.  Status 1 where they differ.
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
    from random_models.oracle import Keras, Tally, compared, difference, keep, shortened
    from random_models.programs import program

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000, help="how many programs")
    parser.add_argument("--seed", type=int, default=0, help="of the first program; each has its own")
    parser.add_argument("--python", default=sys.executable, help="the interpreter with the Keras to compare with")
    parser.add_argument("--keep", action="store_true", help="add the differences printed to the programs of the tests")
    parser.add_argument("--show", type=int, default=20, help="how many differences to print")
    options = parser.parse_args()
    result, start = Tally(), time.monotonic()
    with Keras(options.python) as keras:
        for seed in range(options.seed, options.seed + options.count):
            source = program(random.Random(seed), keras.version)
            known = len(result.differences)
            result.add(source, *compared(source, keras))
            if known < len(result.differences) <= options.show:
                short = shortened(source, keras)
                ours, real = compared(short, keras)
                told = difference(short, ours, real)
                if options.keep:
                    keep(short, keras.version, real)
                print(f"seed {seed}\n{short}  -> {told}\n", flush=True)
    print_tally(result)
    print(f"{time.monotonic() - start:.0f} s")
    return 1 if result.differences else 0


def print_tally(result) -> None:
    """The figures."""
    unknown = sum(result.unknown.values())
    print(f"{result.models} models, {result.raised} raised, {len(result.differences)} differences")
    print(f"{unknown} of {result.rows} rows not known: {dict(result.unknown.most_common(12))}")
    print(f"{result.unsure} raise behind something that is not known")
    print("raised:", dict(result.raising.most_common()))
    print("built:", dict(sorted(result.classes.items())))


if __name__ == "__main__":
    sys.exit(main())
