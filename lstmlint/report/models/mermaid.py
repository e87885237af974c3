"""Flow charts in the language of Mermaid, which GitHub and GitLab draw inside of Markdown."""

from __future__ import annotations

import re

from lstmlint.report.models import Model, Shown
from lstmlint.report.models.graphs import Box, graph_of
from lstmlint.report.models.values import name_of

# What means something inside of a quoted label, to Mermaid or to the page that it stands in.
_SPECIAL = re.compile(r"""["#&<>;`\\]""")


def render(shown: Shown) -> str:
    """One chart, with a frame around each model."""
    lines = ["flowchart TB"]
    for number, model in enumerate(shown.models):
        lines += _model(model, f"m{number}")
    return "\n".join(lines) + "\n"


def _model(model: Model, prefix: str) -> list[str]:
    graph = graph_of(model)
    lines = [f'  subgraph {prefix}["{_text(name_of(model))} ({_text(str(model["class"]))})"]']
    for index, box in enumerate(graph.boxes):
        left, right = ('(["', '"])') if box.is_input else ('["', '"]')
        lines.append(f"    {prefix}n{index}{left}{_label(box)}{right}")
    for source, target in graph.arrows:
        lines.append(f'    {prefix}n{source} -->|"{_text(graph.boxes[source].output)}"| {prefix}n{target}')
    for end in graph.ends:
        lines.append(f'    {prefix}n{end} -->|"{_text(graph.boxes[end].output)}"| {prefix}o{end}(( ))')
    return [*lines, "  end"]


def _label(box: Box) -> str:
    first = f"{_text(box.name)} ({_text(box.class_name)})" if box.class_name else _text(box.name)
    return f"{first}<br>{_text(box.weights)}" if box.weights else first


def _text(text: str) -> str:
    return _SPECIAL.sub(lambda hit: f"#{ord(hit[0])};", text)
