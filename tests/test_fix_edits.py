"""From what is proposed to characters: each kind of change on calls as people write them, byte for byte."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmlint.checks.fixes import (
    SAFE,
    Proposal,
    RemoveArgument,
    RemoveFirstItem,
    RemoveStatement,
    RenameInArgument,
    RenameKeyword,
    RenameMember,
    ReplaceNode,
    SetArgument,
)
from lstmlint.diagnostics import Edit, Position, Span
from lstmlint.fix.edits import fix_of
from lstmlint.fix.texts import apply, moved
from lstmlint.interpreter.values import Site
from lstmlint.source import tree
from lstmlint.source.guard import Limits
from lstmlint.source.module import SourceModule, load

Changing = Callable[[Site], Any]


def first(module: SourceModule, kind: type[tree.Node], nth: int = 0) -> tree.Node:
    """The node of a kind that begins first (or the one after it)."""
    found: list[tree.Node] = []
    pending: list[tree.Node] = [module.tree]
    while pending:
        node = pending.pop()
        found += [node] if isinstance(node, kind) else []
        for name in node.FIELDS:
            child = getattr(node, name)
            pending += [part for part in (child if isinstance(child, list) else [child]) if isinstance(part, tree.Node)]
    return sorted(found, key=lambda node: module.module_span(node).start)[nth]  # type: ignore[union-attr]


def changed(before: bytes, change: Changing, kind: type[tree.Node] = tree.Call) -> bytes | None:
    module = load(before, "program.py")
    assert isinstance(module, SourceModule)
    fix = fix_of(Proposal(SAFE, "Change it", (change(Site(module, first(module, kind))),)), module)
    return None if fix is None else apply("program.py", before, fix.edits, Limits())


def keep(site: Site) -> SetArgument:
    return SetArgument(site, "return_sequences", "True")


def drop(site: Site) -> RemoveArgument:
    return RemoveArgument(site, "return_sequences")


def pad(site: Site) -> SetArgument:
    return SetArgument(site, "padding", '"same"', 3)


def other_loss(site: Site) -> RenameInArgument:
    pairs = (("sparse_categorical_crossentropy", "categorical_crossentropy"), ("SparseLoss", "Loss"))
    return RenameInArgument(site, "loss", pairs, 1)


ARGUMENTS: list[tuple[Changing, str, str | None]] = [
    # Added.
    (keep, "LSTM()", "LSTM(return_sequences=True)"),
    (keep, "LSTM(32)", "LSTM(32, return_sequences=True)"),
    (keep, "LSTM (32 )", "LSTM (32, return_sequences=True )"),
    (keep, "LSTM(32,)", "LSTM(32, return_sequences=True,)"),
    (keep, "LSTM(32)  # units\n", "LSTM(32, return_sequences=True)  # units\n"),
    (keep, "((LSTM)(32))", "((LSTM)(32, return_sequences=True))"),
    (keep, "LSTM((32))", "LSTM((32), return_sequences=True)"),
    (keep, "LSTM(\n    32,\n)\n", "LSTM(\n    32,\n    return_sequences=True,\n)\n"),
    (keep, "LSTM(\r\n\t32,\r\n)\r\n", "LSTM(\r\n\t32,\r\n\treturn_sequences=True,\r\n)\r\n"),
    (keep, "LSTM(\n    32,  # units\n)\n", "LSTM(\n    32,  # units\n    return_sequences=True,\n)\n"),
    (keep, "LSTM(\n    32\n)\n", "LSTM(\n    32, return_sequences=True\n)\n"),
    (keep, "LSTM(32,\n     name='a')", "LSTM(32,\n     name='a',\n     return_sequences=True)"),
    (keep, "LSTM(32,\n     name='a'  # why\n     )", "LSTM(32,\n     name='a', return_sequences=True  # why\n     )"),
    (keep, "LSTM(32  # units\n)", "LSTM(32, return_sequences=True  # units\n)"),
    (keep, "x = 'ä', LSTM(32)", "x = 'ä', LSTM(32, return_sequences=True)"),
    (keep, "LSTM(**options)", None),
    (keep, "LSTM(*sizes)", None),
    (keep, "make(32)", None),
    (keep, "LSTM(n for n in sizes)", None),
    # Replaced.
    (keep, "LSTM(32, return_sequences = False)", "LSTM(32, return_sequences = True)"),
    (keep, "LSTM(32, return_sequences=last)", None),
    (pad, "Conv1D(8, 3, 1, 'valid')", "Conv1D(8, 3, 1, 'same')"),
    (pad, "Conv1D(8, 3, padding=r'valid')", 'Conv1D(8, 3, padding="same")'),
    (pad, "Conv1D(8, 3, name='a')", "Conv1D(8, 3, name='a', padding='same')"),
    (pad, "Conv1D(*sizes, 3, 1, 'valid')", None),
    # Removed.
    (drop, "LSTM(return_sequences=True)", "LSTM()"),
    (drop, "LSTM(32, return_sequences=True)", "LSTM(32)"),
    (drop, "LSTM(32, return_sequences=True, name='a')", "LSTM(32, name='a')"),
    (drop, "LSTM(return_sequences=True , units=3)", "LSTM(units=3)"),
    (drop, "LSTM(32, return_sequences=True,)", "LSTM(32,)"),
    (drop, "LSTM(\n    32,\n    return_sequences=True,\n    name='a',\n)", "LSTM(\n    32,\n    name='a',\n)"),
    (drop, "LSTM(32,  # units\n     return_sequences=True)", "LSTM(32,  # units\n     )"),
    (drop, "LSTM(32,\n     return_sequences=True)", "LSTM(32)"),
    (drop, "LSTM(\n  32,\n  return_sequences=True,  # all\n)", "LSTM(\n  32,\n  # all\n)"),
    (drop, "LSTM(32, return_sequences=True,\n     name='a')", "LSTM(32,\n     name='a')"),
    (drop, "LSTM(32)", None),
    (drop, "LSTM(32, **options)", None),
    (lambda site: RemoveArgument(site, 1), "Dense(32, 5)", "Dense(32)"),
    (lambda site: RemoveArgument(site, 0), "Dense(32, 5)", None),
    # Renamed.
    (lambda site: RenameKeyword(site, "a", "bc"), "f(1, a = 2)", "f(1, bc = 2)"),
    (lambda site: RenameKeyword(site, "a", "bc"), "f(a=1, bc=2)", None),
    (lambda site: RenameKeyword(site, "a", "bc"), "f(**{'a': 1})", None),
    (other_loss, "m.compile(o, 'sparse_categorical_crossentropy')", "m.compile(o, 'categorical_crossentropy')"),
    (other_loss, "m.compile(loss=k.SparseLoss(a=1))", "m.compile(loss=k.Loss(a=1))"),
    (other_loss, "m.compile(loss=SparseLoss())", None),
    (other_loss, "m.compile(loss=LOSS)", None),
    (other_loss, "m.compile(loss={'a': 'sparse_categorical_crossentropy'})", "m.compile(loss={'a': 'categorical_crossentropy'})"),
    (lambda site: RemoveFirstItem(site, "shape", 0), "Input((9, 3))", "Input((3,))"),
    (lambda site: RemoveFirstItem(site, "shape", 0), "Input(shape=[9, 3])", "Input(shape=[3])"),
    (lambda site: RemoveFirstItem(site, "shape", 0), "Input(shape=(n(1), 4, 3))", "Input(shape=(4, 3))"),
    (lambda site: RemoveFirstItem(site, "shape", 0), "Input(x.shape)", "Input(x.shape[1:])"),
    (lambda site: RemoveFirstItem(site, "shape", 0), "Input((9))", None),
    (lambda site: RemoveFirstItem(site, "shape", 0), "Input(((9), 3))", None),
    (lambda site: RenameMember(site, "fit_generator", "fit"), "(m).fit_generator(g)", "(m).fit(g)"),
    (lambda site: ReplaceNode(site, "g()"), "x = (f(1))", "x = (g())"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "before", "after"), ARGUMENTS, ids=[row[1][:40] for row in ARGUMENTS])
def test_arguments(change: Changing, before: str, after: str | None) -> None:
    found = changed(before.encode(), change)
    assert (None if found is None else found.decode()) == after


STATEMENTS = [
    ("m.a()\nm.b()\n", "m.b()\n"),
    ("if x:\n    m.a()\n", "if x:\n    pass\n"),
    ("if x: m.a()\n", "if x: pass\n"),
    ("if x:\n\tm.a(\n\t\t1,\n\t)\n\ty\n", "if x:\n\ty\n"),
    ("y = 1; m.a()\n", "y = 1\n"),
    ("m.a()  # why\nm.b()\n", None),
]


@pytest.mark.parametrize(("before", "after"), STATEMENTS)
def test_statements(before: str, after: str | None) -> None:
    found = changed(before.encode(), RemoveStatement)
    assert (None if found is None else found.decode()) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from keras.layers import Old, B\n", "from keras.layers import New as Old, B\n"),
        ("from keras.layers import (\n    Old as A,\n)\n", "from keras.layers import (\n    New as A,\n)\n"),
    ],
)
def test_imported_names(before: str, after: str) -> None:
    found = changed(before.encode(), lambda site: RenameMember(site, "Old", "New"), tree.Alias)
    assert found == after.encode()


SPACES = st.sampled_from(["", " ", "  ", "\t", "\n", "\r\n    ", "  # why\n  ", "\\\n"])


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_stands_between_stays(data: st.DataObject) -> None:
    """Calls with any spaces, comments and line ends between their parts: what is added is all that changes."""
    space = [data.draw(SPACES) for _ in range(8)]
    comma = data.draw(st.sampled_from(["", ","]))
    encoding, head = data.draw(
        st.sampled_from([("utf-8", "# é\n"), ("latin-1", "# coding: latin-1\n# é\n"), ("utf-8-sig", "x = 'é😀'\n")])
    )
    inner = f"{space[1]}32{space[2]},{space[3]}name{space[4]}={space[5]}'é'{space[6]}{comma}{space[7]}"
    before = f"{head}x = 1; y = LSTM{' ' if space[0] == ' ' else ''}({inner})  # end\r\nz = 2".encode(encoding)
    assert isinstance(load(before, "program.py"), SourceModule)
    after = changed(before, keep)
    assert after is not None
    assert changed(after, keep) == after
    assert changed(after, lambda site: RenameKeyword(site, "return_sequences", "b")) is not None
    position = after.index(b"return_sequences=True")
    rest = after[:position].rstrip() + after[position + len(b"return_sequences=True") :].removeprefix(b",")
    assert b"".join(before.split()) in (b"".join(rest.split()), b"".join(rest.split()).replace(b",)", b")"),
        b"".join((after[:position].rstrip(b" \t\r\n").removesuffix(b",") + after[position + 21 :]).split()))  # fmt: skip
    assert isinstance(load(after, "program.py"), SourceModule)


@given(
    st.text("ab\n", max_size=12),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.text("xy\n", max_size=3)), max_size=3),
)
def test_places_move_with_the_text(text: str, cuts: list[tuple[int, int, str]]) -> None:
    """A place behind edits stands on the same character afterwards."""
    edits, marks, last = list[Edit](), text + "!", 0
    for start, length, content in sorted(cuts):
        start, end = max(start, last), max(start, last) + length
        if end > len(text) or (start, end) == (last, last):
            continue
        edits.append(Edit(content, Span(position(text, start), position(text, end))))
        last = end
    after = apply("a.py", marks.encode(), edits, Limits())
    assert after is not None
    place = moved(Span(position(marks, len(text)), position(marks, len(text))), edits)
    assert place.start == position(after.decode(), after.decode().index("!"))


def position(text: str, offset: int) -> Position:
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
