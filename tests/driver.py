"""The command line with a made-up analysis, for tests of everything around it.  Run as a script.

Sources say what is found in them, in comments at the ends of lines: `# finding: LL101 message`, `# reads: other.py`,
`# misses: other.py`, `# in: other.py LL101 message`, `# model`, `# raises`, `# dies`, `# waits`.  A file called as one of
`report_cases.DIAGNOSTICS` gets these findings instead.
"""

import os
import re
import sys
import time
from pathlib import Path

import report_cases

from lstmlint import cache, rules, runner
from lstmlint.analysis import FileResult
from lstmlint.diagnostics import Diagnostic, Position, Span
from lstmlint.files import display_name

LOG = "LSTMLINT_TEST_LOG"
"""The variable with the path of a file that gets a line per analysis."""

MODEL = {
    "name": "model",
    "class": "Sequential",
    "line": 1,
    "keras": "3",
    "layers": [
        {
            "name": "lstm",
            "class": "LSTM",
            "line": 1,
            "output_shape": [None, "len(data) - 60", 32],
            "params": 5248,
            "trainable_params": 5248,
            "inputs": [],
        },
        {
            "name": "split",
            "class": "Split",
            "line": 2,
            "output_shape": [[None, 1], [None, 2]],
            "params": "?",
            "trainable_params": "?",
            "inputs": ["lstm"],
        },
    ],
    "total_params": "?",
    "trainable_params": "?",
    "non_trainable_params": 0,
}


def finding(code, message, filename, row):
    rule = rules.rule(code)
    span = Span(Position(row, 1), Position(row, 5))
    return Diagnostic(rule.code, rule.name, rule.severity, message, filename, span, url=rule.url)


def analyse(path, data, settings, *, want_models=False, want_request=False, contents=None):
    if os.environ.get(LOG):
        with open(os.environ[LOG], "a") as log:
            log.write(os.path.basename(path) + "\n")
    display = display_name(path)
    folder = os.path.dirname(path)
    fixed = [d for d in report_cases.DIAGNOSTICS if d.filename == display]
    text = data.decode("utf-8", "replace")
    found, read, missed, models = list(fixed), [], [], []
    for row, line in enumerate([] if fixed else text.splitlines(), start=1):
        for what, words in re.findall(r"# (\w+)(?:: ([^#]*))?", line):
            words = words.strip()
            if what == "finding":
                found.append(finding(*words.split(" ", 1), display, row))
            elif what == "in":
                other, code, message = words.split(" ", 2)
                found.append(finding(code, message, display_name(os.path.join(folder, other)), row))
            elif what == "reads":
                read.append(os.path.join(folder, words))
            elif what == "misses":
                missed.append(os.path.join(folder, words))
            elif what == "model" and want_models:
                models.append({**MODEL, "filename": display})
            elif what == "raises":
                raise RuntimeError("a defect on purpose")
            elif what == "dies":
                os.abort()
            elif what == "waits":
                time.sleep(30)
    return FileResult(
        filename=display,
        diagnostics=tuple(sorted(found, key=lambda d: d.sort_key)),
        models=tuple(models),
        read=tuple(read),
        missed=tuple(missed),
        defects=(),
    )


# Sources of lstmlint that change while tests run would make the cache forget.
cache._code_stamps = lambda folder: iter(())
rules.PAGE_FOLDERS = (str(Path(__file__).parent / "fixtures" / "rule_pages"),)
runner.analyse = analyse
runner.needs_analysis = lambda path, data, settings: b"keras" in data or b"cells" in data

if __name__ == "__main__":
    from lstmlint.cli import main

    sys.exit(main())
