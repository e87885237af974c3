"""Modules and names that the Keras which is meant does not have: told where they are imported or read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lstmlint.interpreter.values import TRUE, External, Site, Unknown, Value
from lstmlint.keras.names import Era, Missing, missing
from lstmlint.libraries.keras_calls import OWN_NAMES
from lstmlint.libraries.keras_values import KerasContext
from lstmlint.libraries.registry import REGISTERING
from lstmlint.trace import NamesMissing

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter


def absent(run: Interpreter, module: str, names: tuple[str, ...], site: Site | None, how: str) -> dict[str, Value]:
    """What stands for names that are not there; what has only moved is followed to its new place.

    Nothing is told where the program is prepared for it, and of a module only once.
    """
    context = run.context
    if not isinstance(context, KerasContext):
        return {}
    if how == "set" or module.startswith(REGISTERING):
        run.options[OWN_NAMES] = TRUE
        return {}
    era = Era(context.version, context.release)
    found = {name: gone for name in names or ("",) if (gone := missing(module, name or None, era)) is not None}
    is_told = {f"missing {module}", f"missing {module}.{names[0]}"} & run.options.keys() if how == "attribute" else None
    if not found or is_told:
        return {}
    if site is not None and not run.fallbacks:
        if how != "attribute":
            _note_modules(run, module, found.values())
        run.record(NamesMissing(how, module, tuple(found.items())), site)
    return {name: _stand_in(module, name, gone) for name, gone in found.items()}


def _note_modules(run: Interpreter, module: str, found: Iterable[Missing]) -> None:
    """Remember the modules that could not be imported: reading them later is no news."""
    for gone in found:
        if gone.name is None:
            parts = module.split(".")
            for end in range(gone.module.count(".") + 1, len(parts) + 1):
                name = ".".join(parts[:end])
                run.options[f"missing {name}"] = Unknown(("missing", name), name)


def _stand_in(module: str, name: str, gone: Missing) -> Value:
    if gone.is_same and gone.instead is not None:
        return External(gone.instead)
    full = f"{module}.{name}" if name else module
    return Unknown(("missing", full), name or module)
