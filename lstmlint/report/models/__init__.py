"""What `lstmlint show` prints: models in one of several formats, one module and one function each."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from lstmlint.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

#: One model as `lstmlint.models` describes it: the JSON of `show`.
Model: TypeAlias = "dict[str, Any]"

_MODULES = {"table": "table", "plain": "plain", "json": "json_array", "mermaid": "mermaid", "svg": "svg"}
FORMATS = tuple(_MODULES)

#: The format that the end of a file's name asks for.
ENDINGS = {".json": "json", ".mmd": "mermaid", ".mermaid": "mermaid", ".md": "mermaid", ".svg": "svg"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a format gets: the models, and how to print.  `explains`: the formulas behind the counts are wanted."""

    models: tuple[Model, ...]
    color: bool = False
    explains: bool = False


def render(name: str, shown: Shown) -> str:
    """The models in the format called `name`, with its final line end; nothing for none (but a document is one)."""
    text: str = _renderer(name)(shown)
    return text


def _renderer(name: str) -> Callable[[Shown], str]:
    renderer: Callable[[Shown], str] = import_module(f"lstmlint.report.models.{_MODULES[name]}").render
    return renderer
