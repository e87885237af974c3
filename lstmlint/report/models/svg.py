"""Pictures: the graph of each model, with shapes on its arrows, as SVG without scripts, fonts or links."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lstmlint.classes import dataclass
from lstmlint.report.models import Model, Shown
from lstmlint.report.models.graphs import Box, Graph, graph_of
from lstmlint.report.models.layout import Node, Placed, placed
from lstmlint.report.models.values import count_text, name_of, place_of

# Units: pixels.
CHARACTER = 7.3
"""Of a character of text at 12 pixels, in the widest of the usual fixed fonts."""
LONGEST = 46
"""Characters of a text that are drawn; the rest is in the tooltip."""
LINE, PADDING, GAP, THIN, BETWEEN, MARGIN, HEADING = 16.0, 10.0, 28.0, 24.0, 44.0, 20.0, 34.0

_STYLE = """
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328; }
.model { font-weight: bold; font-size: 14px; } .faint { fill: #59636e; }
rect.layer { fill: #eef4ff; stroke: #6b8fd6; } rect.bare { fill: #f6f8fa; stroke: #9aa4af; }
rect.input { fill: #e9f7ec; stroke: #57a86b; }
path.arrow { fill: none; stroke: #59636e; stroke-width: 1.2; marker-end: url(#head); }
.shape { fill: #8250df; } rect.label { fill: #fff; fill-opacity: 0.85; }
""".strip()

_HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="#59636e"/></marker></defs>'
)

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Drawing:
    """The elements of one model, and the space that they take."""

    elements: tuple[str, ...]
    width: float
    height: float


def render(shown: Shown) -> str:
    """One picture with the models one below the other."""
    drawings = [_drawing(model) for model in shown.models]
    width = max((drawing.width for drawing in drawings), default=0.0) + 2 * MARGIN
    height = sum(drawing.height + MARGIN for drawing in drawings) + MARGIN
    box = f'width="{_n(width)}" height="{_n(height)}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} viewBox="0 0 {_n(width)} {_n(height)}" role="img">',
        f"<title>{_text(', '.join(map(name_of, shown.models)) or 'no models')}</title>",
        f"<style>\n{_STYLE}\n</style>",
        _HEAD,
        f'<rect {box} fill="#fff"/>',
    ]
    top = MARGIN
    for drawing in drawings:
        lines += [f'<g transform="translate({_n(MARGIN)} {_n(top)})">', *drawing.elements, "</g>"]
        top += drawing.height + MARGIN
    return "\n".join([*lines, "</svg>"]) + "\n"


def _drawing(model: Model) -> Drawing:
    graph = graph_of(model)
    layout = placed([_width(box) for box in graph.boxes], graph.arrows, GAP, THIN)
    tops = _tops(graph, layout)
    left = min((node.x - node.width / 2 for node in layout.nodes), default=0.0)
    right = max((node.x + node.width / 2 for node in layout.nodes), default=0.0)
    labels = [_shape(graph, layout, tops, index, left) for index in range(len(graph.boxes))]
    title = f"{name_of(model)} ({model['class']}, Keras {model['keras']})"
    about = f"{place_of(model)}, {count_text(model['total_params'])} parameters"
    elements = [
        f'<text class="model" x="0" y="12">{_text(title)}</text>',
        f'<text class="faint" x="0" y="27">{_text(about)}</text>',
        *(_arrow([layout.nodes[node] for node in way], tops, graph, left) for way in layout.ways.values()),
        *(_stub(layout.nodes[end], tops, graph, left) for end in graph.ends),
        *(_box(graph.boxes[i], layout.nodes[i], tops[layout.nodes[i].rank], left) for i in range(len(graph.boxes))),
        *(text for text, _ in labels),
    ]
    width = max([right - left, *(end for _, end in labels), CHARACTER * 1.2 * len(title), CHARACTER * len(about)])
    return Drawing(tuple(elements), width, tops[-1])


def _lines_of(box: Box) -> list[str]:
    first = f"{box.name} ({box.class_name})" if box.class_name else box.name
    return [first, box.weights] if box.weights else [first]


def _width(box: Box) -> float:
    return CHARACTER * max(len(_cut(line)) for line in _lines_of(box)) + 2 * PADDING


def _height(box: Box) -> float:
    return LINE * len(_lines_of(box)) + PADDING


def _tops(graph: Graph, layout: Placed) -> list[float]:
    """Where each rank begins, and the last one ends."""
    tops = [HEADING + 6]
    for rank in layout.ranks:
        boxes = [graph.boxes[node] for node in rank if node < len(graph.boxes)]
        tops.append(tops[-1] + max(map(_height, boxes), default=LINE) + BETWEEN)
    return tops


def _box(box: Box, node: Node, top: float, left: float) -> str:
    x, lines = node.x - left, _lines_of(box)
    styles = ("", ' class="faint"')
    kind = "input" if box.is_input else "layer" if box.weights else "bare"
    texts = "".join(
        f'<text x="{_n(x)}" y="{_n(top + PADDING / 2 + LINE * index + 12)}" text-anchor="middle"'
        f"{styles[bool(index)]}>{_text(_cut(line))}</text>"
        for index, line in enumerate(lines)
    )
    return (
        f"<g><title>{_text('; '.join([*lines, box.output]))}</title>"
        f'<rect class="{kind}" x="{_n(x - node.width / 2)}" y="{_n(top)}" width="{_n(node.width)}" '
        f'height="{_n(_height(box))}" rx="5"/>{texts}</g>'
    )


def _arrow(way: Sequence[Node], tops: Sequence[float], graph: Graph, left: float) -> str:
    """A curve from the lower edge of the first box, through the stand-ins, to the upper edge of the last."""
    first, last = way[0], way[-1]
    assert first.box is not None
    points = [(first.x - left, tops[first.rank] + _height(graph.boxes[first.box]))]
    for node in way[1:-1]:
        x = node.x - left
        points += [(x, tops[node.rank]), (x, tops[node.rank + 1] - BETWEEN)]
    points.append((last.x - left, tops[last.rank]))
    return _curve(points)


def _curve(points: Sequence[tuple[float, float]]) -> str:
    (x, y), *others = points
    steps = [f"M{_n(x)} {_n(y)}"]
    for next_x, next_y in others:
        if abs(next_x - x) < 0.5:
            steps.append(f"L{_n(next_x)} {_n(next_y)}")
        else:
            half = (y + next_y) / 2
            steps.append(f"C{_n(x)} {_n(half)} {_n(next_x)} {_n(half)} {_n(next_x)} {_n(next_y)}")
        x, y = next_x, next_y
    return f'<path class="arrow" d="{"".join(steps)}"/>'


def _stub(node: Node, tops: Sequence[float], graph: Graph, left: float) -> str:
    """The arrow that leaves the model."""
    assert node.box is not None
    bottom = tops[node.rank] + _height(graph.boxes[node.box])
    return _curve([(node.x - left, bottom), (node.x - left, bottom + BETWEEN - 12)])


def _shape(graph: Graph, layout: Placed, tops: Sequence[float], index: int, left: float) -> tuple[str, float]:
    """The shape that a box hands on, beside the arrows that leave it, and how far it reaches."""
    node, box = layout.nodes[index], graph.boxes[index]
    x, y = node.x - left + 7, tops[node.rank] + _height(box) + 15
    text = _cut(box.output)
    width = CHARACTER * len(text)
    # An arrow that crosses the text fades behind it.
    behind = f'<rect class="label" x="{_n(x - 2)}" y="{_n(y - 11)}" width="{_n(width + 4)}" height="14"/>'
    return f'{behind}<text class="shape" x="{_n(x)}" y="{_n(y)}">{_text(text)}</text>', x + width


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _text(text: str) -> str:
    """Text for XML: escaped, without the characters that it cannot hold."""
    clean = _NO_XML.sub("\ufffd", text)
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
