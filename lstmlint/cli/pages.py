"""`lstmlint explain RULE` and `lstmlint rules`: the rule pages for people."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from lstmlint import rules
from lstmlint.cli.options import UsageError
from lstmlint.cli.streams import emit, is_terminal, wants_color, width_of
from lstmlint.report import WIDTH
from lstmlint.report.ansi import BOLD, SEVERITY_STYLES, painter

_FIX_WORDS = {"none": "          ", "safe": "safe fix  ", "unsafe": "unsafe fix", "display-only": "          "}


def explain(options: argparse.Namespace) -> int:
    """Print the page of a rule: drawn on a terminal, else as the Markdown it is."""
    try:
        rule = rules.rule(options.rule)
    except KeyError:
        near = rules.nearest(options.rule)
        hint = f"; did you mean `{near}`?" if near else "; `lstmlint rules` lists them all"
        raise UsageError(f"unknown rule: `{options.rule}`{hint}") from None
    if options.output_format == "json":
        return emit(json.dumps(_record(rule) | {"text": rule.text}, indent=2) + "\n")
    title = f"# {rule.code} {rule.name} ({rule.severity.value})\n\n"
    facts = f"Fix: {rule.fix}. Since lstmlint {rule.since}. Keras: {', '.join(rule.keras) or 'any'}.\n\n"
    page = f"{title}{facts}{rule.text}\n{rule.url}\n"
    color = wants_color(options.color or "auto", sys.stdout)
    return emit(_drawn(page) if color or is_terminal(sys.stdout) else page)


def _drawn(page: str) -> str:
    import io

    from rich.console import Console
    from rich.markdown import Markdown

    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=min(width_of(sys.stdout, WIDTH), WIDTH))
    console.print(Markdown(page))
    return output.getvalue()


def list_rules(options: argparse.Namespace) -> int:
    """Print a line for every rule: code, severity, name, kind of fix and what it finds."""
    found = rules.all_rules()
    if options.output_format == "json":
        return emit(json.dumps([_record(rule) for rule in found], indent=2) + "\n")
    paint = painter(wants_color(options.color or "auto", sys.stdout))
    name_width = max((len(rule.name) for rule in found), default=0)
    return emit(
        "".join(
            f"{paint(rule.code, BOLD)}  {paint(rule.severity.value.ljust(7), SEVERITY_STYLES[rule.severity])}"
            f"  {rule.name.ljust(name_width)}  {_FIX_WORDS[rule.fix]}  {rule.summary}\n"
            for rule in found
        )
    )


def _record(rule: rules.Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "summary": rule.summary,
        "fix": rule.fix,
        "since": rule.since,
        "keras": list(rule.keras),
        "url": rule.url,
    }
