"""Names that the Keras which is meant does not have (LL605)."""

from __future__ import annotations

from lstmlint.checks.fixes import SAFE, Proposal, RenameMember, ReplaceNode
from lstmlint.checks.report import Report, check
from lstmlint.checks.versions import advice
from lstmlint.interpreter.values import Site
from lstmlint.keras.names import Era, Missing, has_module, missing
from lstmlint.keras.versions import Version
from lstmlint.source import tree
from lstmlint.trace import NamesMissing
from lstmlint.words import enumerate_words


@check(NamesMissing, "LL605")
def removed_name(event: NamesMissing, report: Report) -> None:
    """A module or a name is taken from Keras that is not there.

    Under an open condition nothing is told: programs ask in many ways which Keras they run with.
    """
    recorded = report.recorded
    assert recorded is not None
    if recorded.path or recorded.splits:
        return
    name, gone = event.found[0]
    names = [name for name, each in event.found if each.name is not None] or [name]
    report.tell(
        "LL605", recorded.site, _message(gone, names, report), help=advice(report.version, _help(gone), _made_for(event, report.version)), raises=True,
        words=_words(event.how, gone), fix=_fix(event, recorded.site),
        topic=("LL605", event.how in ("attribute", "member") and event.module),
    )  # fmt: skip


def _message(gone: Missing, names: list[str], report: Report) -> str:
    keras = f"Keras {report.version.value}"
    if gone.name is None:
        return f"{keras} has no module `{gone.module}`"
    return f"`{gone.module}` has no {enumerate_words([f'`{name}`' for name in names])} in {keras}"


def _help(gone: Missing) -> str | None:
    if gone.instead is not None:
        said = f"`{gone.instead}`"
        return f"It is {said} now" if gone.is_same else f"Use {said} instead"
    if gone.elsewhere is not None:
        return f"`{gone.elsewhere}` still has it"
    return None


def _made_for(event: NamesMissing, version: Version) -> Version | None:
    """The generation that has all of the names, the nearest before the one that is meant."""
    if event.how == "member":
        return Version.T2
    others = [each for each in (Version.T2, Version.K2, Version.K3) if each is not version]
    # Of tf.keras, a program means a release that is still around, if the names are in it.
    eras = [Era(each, each.value if each is not Version.K3 else None) for each in others]
    for era in (*eras, Era(Version.T2), Era(Version.K2)):
        gone = [missing(event.module, name or None, era) for name, _ in event.found]
        if era.version is not version and has_module(event.module, era) and not any(gone):
            return era.version
    return None


def _words(how: str, gone: Missing) -> str:
    if gone.name is None and how != "attribute":
        return f"ModuleNotFoundError: No module named '{gone.module}'"
    module, name = (gone.module, gone.name) if gone.name is not None else gone.module.rsplit(".", 1)
    if how == "call":
        return "TypeError: 'module' object is not callable"
    if how == "member":
        return f"AttributeError: '{module}' object has no attribute '{name}'"
    if how == "from":
        return f"ImportError: cannot import name '{name}' from '{module}'"
    return f"AttributeError: module '{module}' has no attribute '{name}'"


# --- repairs ---------------------------------------------------------------------------------------------------------


def _fix(event: NamesMissing, site: Site) -> Proposal | None:
    """The same things from where they are now; None where one of them is nowhere."""
    if not all(gone.is_same and gone.instead is not None for _, gone in event.found):
        return None
    new = {name: gone.instead for name, gone in event.found if gone.instead is not None}
    if event.how == "attribute":
        ((name, full),) = new.items()
        module, _, member = full.rpartition(".")
        if module != event.module:
            return None
        return Proposal(SAFE, f"Write `{member}`", (RenameMember(site, name, member),))
    if event.how != "from" or not isinstance(site.node, tree.ImportFrom):
        return None
    text = _import_text(site.node, event.module, new)
    return None if text is None else Proposal(SAFE, f"Write `{text}`", (ReplaceNode(site, text),))


def _import_text(node: tree.ImportFrom, module: str, new: dict[str, str]) -> str | None:
    """The import with each name from its own module; None where that takes several statements."""
    places = [new.get(alias.name, f"{module}.{alias.name}").rpartition(".") for alias in node.names]
    if len({place[0] for place in places}) != 1:
        return None
    parts = []
    for alias, (_, _, member) in zip(node.names, places):
        kept = alias.asname or (alias.name if member != alias.name else None)
        parts.append(member if kept is None else f"{member} as {kept}")
    return f"from {places[0][0]} import {', '.join(parts)}"
