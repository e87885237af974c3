"""Loops and comprehensions: run one by one when short and known, else summarised.

A summarised loop runs its body for the first iterations and then for one that stands for all later ones.  What they leave
is generalised; a list that grows by the same number of items in each has the length of the range.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING

from lstmlint.classes import dataclass
from lstmlint.interpreter import budget, operators
from lstmlint.interpreter.joins import covering, elements, generalise, join_many, object_leaves, same_value, snapshot
from lstmlint.interpreter.state import (
    ClassObject,
    DictObject,
    HeapObject,
    Instance,
    LibraryObject,
    ListObject,
    Scope,
    State,
)
from lstmlint.interpreter.values import (
    NONE,
    Const,
    Sequence,
    Site,
    Truth,
    Unknown,
    Value,
    element_ident,
    from_dim,
    is_distinct,
    renewed,
    unknown,
)
from lstmlint.shapes.dims import Dim, symbol
from lstmlint.source import tree

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter, LoopEnds


# --- statements ------------------------------------------------------------------------------------------------------


def for_loop(run: Interpreter, node: tree.For) -> bool:
    """`for target in iter: body`; whether what follows can be reached."""
    from lstmlint.interpreter.expressions import evaluate
    from lstmlint.interpreter.statements import bind

    site = run.site(node.iter)
    iterable = evaluate(run, node.iter)
    sequence = iteration_of(run, iterable, site)

    def iteration(item: Value) -> Callable[[], None]:
        return lambda: bind(run, node.target, item)

    ends = _enter(run)
    if sequence is not None and (items := _unrollable(sequence)) is not None:
        alive = True
        for item in items:
            alive = _once(run, ends, iteration(item), node.body)
            if not alive:
                break
    else:
        length = sequence.length if sequence is not None else None
        alive = _summarise(run, ends, length, lambda: bind(run, node.target, item_of(run, sequence)), node.body)
    return _exit(run, ends, alive, node.orelse)


def _unrollable(sequence: Sequence) -> tuple[Value, ...] | None:
    items = sequence.items
    if items is None or len(items) > budget.MAX_UNROLLED_ITEMS:
        return None
    plain = sequence.kind in ("range", "iterator")
    return items if not plain or len(items) <= budget.MAX_UNROLLED else None


def item_of(run: Interpreter, sequence: Sequence | None) -> Value:
    """One value that stands for any item; a new one for each pass, since items of a pass are equal to each other only."""
    if sequence is None:
        return unknown("item")
    if sequence.items is None and sequence.element is not None:
        return renewed(sequence.element)
    item = covering(run.state, list(sequence.items)) if sequence.items is not None else None
    return renewed(_within(item, sequence)) if item is not None else unknown("item")


def _within(item: Value, sequence: Sequence) -> Value:
    """The item of a sequence of numbers, with their bounds."""
    numbers = [part.value for part in sequence.items or () if isinstance(part, Const) and isinstance(part.value, int)]
    if not numbers or len(numbers) < len(sequence.items or ()) or isinstance(item, Const):
        return item
    return from_dim(symbol("i", element_ident("distinct"), lower=min(numbers), upper=max(numbers)))


def iteration_of(run: Interpreter, value: Value, site: Site) -> Sequence | None:
    """What iterating over a value gives; an Unknown gives unknown elements, as many as its length (`x.shape[0]`)."""
    value = run.state.resolve(value)
    if isinstance(value, Unknown) and value.number is None:
        length = symbol(f"len({value.name})", ("item", ("attr", value.ident, "shape"), 0))
        return Sequence("iterator", None, length, Unknown(element_ident(), f"{value.name}[…]"))
    return run.as_sequence(value, site)


def while_loop(run: Interpreter, node: tree.While) -> bool:
    """`while test: body`; unrolled as long as the test is decided, for a while."""
    from lstmlint.interpreter.expressions import evaluate

    ends = _enter(run)
    site = run.site(node.test)
    endless = isinstance(node.test, tree.Constant) and bool(node.test.value)
    passes = 0
    alive = True
    while not endless and alive and passes < budget.MAX_UNROLLED:
        truth = operators.condition(run, evaluate(run, node.test), site)
        if truth is False:
            return _exit(run, ends, True, node.orelse)
        if isinstance(truth, Truth):
            break
        alive = _once(run, ends, lambda: None, node.body)
        passes += 1
    if alive:
        returned = len(run.frame.returns)
        alive = _summarise(run, ends, None, lambda: None, node.body)
        if endless and (ends.breaks or len(run.frame.returns) > returned or not _may_break(node.body)):
            alive = False
    return _exit(run, ends, alive, node.orelse)


def _may_break(body: list[tree.Statement]) -> bool:
    """Whether a `break` of this loop is written in it.

    One that no pass was seen to reach ends the loop some time: what is assumed of a pass (that a slice of constant
    length lies within its array) need not hold in the last one.
    """
    for statement in body:
        if isinstance(statement, tree.Break):
            return True
        blocks: list[list[tree.Statement]] = []
        if isinstance(statement, (tree.For, tree.While)):
            blocks = [statement.orelse]
        elif isinstance(statement, tree.If):
            blocks = [statement.body, statement.orelse]
        elif isinstance(statement, tree.With):
            blocks = [statement.body]
        elif isinstance(statement, tree.Try):
            handlers = [handler.body for handler in statement.handlers]
            blocks = [statement.body, *handlers, statement.orelse, statement.finalbody]
        if any(map(_may_break, blocks)):
            return True
    return False


def _enter(run: Interpreter) -> LoopEnds:
    from lstmlint.interpreter.interpreter import LoopEnds

    ends = LoopEnds()
    run.frame.loops.append(ends)
    return ends


def _exit(run: Interpreter, ends: LoopEnds, alive: bool, orelse: list[tree.Statement]) -> bool:
    """Join the ways out of a loop: its normal end (with `else`) and its breaks."""
    from lstmlint.interpreter.statements import run_block

    run.frame.loops.pop()
    if alive and orelse:
        alive = run_block(run, orelse)
    states = ([run.state] if alive else []) + ends.breaks
    if not states:
        return False
    run.state = join_many([(state, NONE) for state in states])[0]
    return True


def _once(run: Interpreter, ends: LoopEnds, start: Callable[[], None], body: list[tree.Statement]) -> bool:
    """One pass of the body; whether its end (or a `continue`) is reached."""
    from lstmlint.interpreter.statements import run_block

    ends.continues = []
    start()
    alive = run_block(run, body)
    states = ([run.state] if alive else []) + ends.continues
    if not states:
        return False
    run.state = join_many([(state, NONE) for state in states])[0]
    return True


def _summarise(
    run: Interpreter, ends: LoopEnds, length: Dim | None, start: Callable[[], None], body: list[tree.Statement]
) -> bool:
    """Some passes and what they have in common; whether the loop can end normally.

    The first two start from what is there (the second only in an outermost loop: inside others it would cost too much),
    the last from what these leave in common, so that it stands for all later ones.  A `break` leaves the number of
    passes open; a loop is assumed to run at least once.
    """
    before = run.state.fork()
    if not _once(run, ends, start, body):
        if ends.breaks:
            return False
        run.state = before
        return True
    first = run.state.fork()
    run.repeated += 1
    second = _pass(run, ends, start, body, first) if run.repeated == 1 else first
    head = _stable(before, first, second, None)
    last = _pass(run, ends, start, body, head)
    run.repeated -= 1
    passes = _Passes(before, first, second, head, last)
    run.state = passes.end(None if ends.breaks else length)
    ends.breaks = [_stable(before, head, state, None) for state in ends.breaks]
    return True


def _pass(
    run: Interpreter, ends: LoopEnds, start: Callable[[], None], body: list[tree.Statement], entry: State
) -> State:
    """The state after one more pass from `entry` (which itself is kept); `entry` where no path gets to the end."""
    run.state = entry.fork()
    return run.state.fork() if _once(run, ends, start, body) else entry


# --- what the passes have in common ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Passes:
    """The states before a loop, after one and two passes, what these have in common, and after one pass more."""

    before: State
    first: State
    second: State
    head: State
    last: State

    def end(self, count: Dim | None) -> State:
        """The state after `count` passes."""
        state = _stable(self.head, self.head, self.last, None)
        for address in self.last.differing(self.before):
            content = self._list(address, self.last.heap[address], count)
            if content is not None:
                state.heap[address] = ListObject(content)
        return state

    def _list(self, address: int, last: HeapObject, count: Dim | None) -> Sequence | None:
        """A list that each pass lengthens by the same number of items; None for anything else."""
        oldest = self.before.heap.get(address)
        if oldest is None or oldest is last or not isinstance(last, ListObject) or not isinstance(oldest, ListObject):
            return None
        first = self.first.heap.get(address)
        pairs = [(oldest, first), (self.head.heap.get(address), last)]
        if self.second is not self.first:
            pairs.append((first, self.second.heap.get(address)))
        growths = {
            _growth(a.content, b.content) for a, b in pairs if isinstance(a, ListObject) and isinstance(b, ListObject)
        }
        grown = next(iter(growths)) if len(growths) == 1 else None
        if not grown or oldest.content.length is None:
            return None
        length = oldest.content.length + grown * count if count is not None else symbol("length", None, lower=1)
        head = self.head.heap[address]
        assert isinstance(head, ListObject)
        element = covering(self.last, [*elements(head.content), *elements(last.content)])
        return Sequence(last.content.kind, None, length, element)


def _stable(before: State, first: State, second: State, count: Dim | None) -> State:
    """The state after any number of passes, from those before, after one and after two."""
    heap = dict(second.heap)
    for address in dict.fromkeys(chain(before.differing(first), before.differing(second))):
        ours, oldest, theirs = first.heap.get(address), before.heap[address], second.heap.get(address)
        if theirs is not None and (ours is not theirs or ours is not oldest):
            heap[address] = _stable_object(second, oldest, ours if ours is not None else oldest, theirs, count)
    kept = {key: fact for key, fact in second.facts.items() if key in before.facts}
    return State(heap, set(), kept, dict(before.equal_to), dict(second.refined))


def _stable_object(
    state: State, oldest: HeapObject, first: HeapObject, second: HeapObject, count: Dim | None
) -> HeapObject:
    if isinstance(second, Scope) and isinstance(first, Scope):
        merged = Scope(
            _stable_names(state, first.names, second.names),
            second.parent,
            second.kind,
            second.globals_,
            second.nonlocals,
        )
        merged.stars = second.stars
        return merged
    if isinstance(second, Instance) and isinstance(first, Instance):
        attributes = _stable_names(state, first.attributes, second.attributes)
        return Instance(second.cls, attributes, first.open_ or second.open_, second.library)
    if isinstance(second, ListObject) and isinstance(first, ListObject) and isinstance(oldest, ListObject):
        return ListObject(_stable_list(state, oldest.content, first.content, second.content, count))
    if isinstance(second, DictObject) and isinstance(first, DictObject):
        return _stable_dict(state, first, second)
    if isinstance(second, LibraryObject) and isinstance(first, LibraryObject):
        if first.payload is not second.payload and hasattr(second.payload, "generalise"):
            return LibraryObject(first.payload.generalise(second.payload))
        return second
    if isinstance(second, ClassObject):
        return second
    if isinstance(oldest, DictObject):
        dicts = [leaf for thing in (first, second) for leaf in object_leaves(thing)]
        known = [leaf for leaf in dicts if isinstance(leaf, DictObject)]
        return cover_dicts(state, known) if len(known) == len(dicts) else DictObject({}, unknown(), unknown())
    if isinstance(oldest, ListObject):
        return ListObject(_stable_branched_list(state, oldest.content, [*object_leaves(first), *object_leaves(second)]))
    return second


def _stable_branched_list(state: State, oldest: Sequence, leaves: list[HeapObject]) -> Sequence:
    """What a list holds that grows in some passes only (`if end < len(data): windows.append(…)`).

    Unknown: its length, which is at least one where any pass appends.
    """
    contents = [leaf.content for leaf in leaves if isinstance(leaf, ListObject)]
    if len(contents) < len(leaves):
        return Sequence(oldest.kind, None, None, None)
    element = covering(state, [element for content in contents for element in elements(content)])
    return Sequence(oldest.kind, None, symbol("length", None, lower=0 if element is None else 1), element)


def _stable_names(state: State, first: dict[str, Value], second: dict[str, Value]) -> dict[str, Value]:
    names = dict(second)
    for name, value in second.items():
        older = first.get(name)
        if older is not None and older is not value:
            names[name] = generalise(snapshot(state, older), snapshot(state, value))
    return names


def _growth(older: Sequence, newer: Sequence) -> int | None:
    """By how many items a list has grown at its end, if that is all that happened to it."""
    if older.items is not None and newer.items is not None:
        size = len(older.items)
        kept = len(newer.items) >= size and all(map(same_value, older.items, newer.items))
        return len(newer.items) - size if kept else None
    if older.length is None or newer.length is None:
        return None
    grown = newer.length - older.length
    return grown if isinstance(grown, int) and grown >= 0 else None


def _stable_list(state: State, oldest: Sequence, first: Sequence, second: Sequence, count: Dim | None) -> Sequence:
    grown, again = _growth(oldest, first), _growth(first, second)
    element = covering(state, [*elements(first), *elements(second)])
    if grown == 0 and again == 0:
        return second
    same = grown is not None and grown == again and oldest.length is not None
    if second.items is not None and grown == again and oldest.items is not None and grown:
        # Items appended by the two passes stand for all of them.
        element = covering(state, list(second.items))
    if same and count is not None:
        assert oldest.length is not None and grown is not None
        return Sequence(second.kind, None, oldest.length + grown * count, element)
    length = symbol("length", None, lower=1 if grown else 0)
    return Sequence(second.kind, None, length, element)


def _stable_dict(state: State, first: DictObject, second: DictObject) -> DictObject:
    if first.entries.keys() == second.entries.keys() and first.others is second.others:
        entries = {
            key: (pair[0], generalise(snapshot(state, first.entries[key][1]), snapshot(state, pair[1]))) for key, pair in second.entries.items()
        }  # fmt: skip
        return DictObject(entries, second.other_key, second.others, second.length)
    return cover_dicts(state, [first, second])


def cover_dicts(state: State, dicts: list[DictObject]) -> DictObject:
    """A dict with the entries of any of several, told by one key and one value that stand for all."""
    values = [value for target in dicts for _, value in target.entries.values()]
    values += [target.others for target in dicts if target.others is not None]
    keys = [key for target in dicts for key, _ in target.entries.values()]
    keys += [target.other_key for target in dicts if target.other_key is not None]
    return DictObject({}, covering(state, keys) or unknown(), covering(state, values) or unknown(), None)


# --- comprehensions --------------------------------------------------------------------------------------------------


def list_comprehension(run: Interpreter, node: tree.ListComp) -> Value:
    return run.allocate(ListObject(_comprehend(run, node.elt, node.generators, "list")), "list")


def set_comprehension(run: Interpreter, node: tree.SetComp) -> Value:
    content = _comprehend(run, node.elt, node.generators, "set")
    if content.items is not None and all(isinstance(item, Const) for item in content.items):
        unique = tuple({item.key: item for item in content.items}.values())
        return run.allocate(ListObject(Sequence("set", unique, len(unique))), "set")
    return run.allocate(
        ListObject(Sequence("set", None, symbol("length", None), covering(run.state, elements(content)))), "set"
    )


def generator_expression(run: Interpreter, node: tree.GeneratorExp) -> Value:
    return _comprehend(run, node.elt, node.generators, "iterator")


def dict_comprehension(run: Interpreter, node: tree.DictComp) -> Value:
    pair = tree.Tuple([node.key, node.value])
    content = _comprehend(run, pair, node.generators, "iterator")
    made = DictObject({})
    if content.items is not None:
        pairs = [item.items for item in content.items if isinstance(item, Sequence) and item.items is not None]
        if len(pairs) == len(content.items) and all(isinstance(key, Const) for key, _ in pairs):
            made.entries = {key.key: (key, value) for key, value in pairs}
            return run.allocate(made, "dict")
    element = covering(run.state, elements(content))
    key, value = (
        element.items if isinstance(element, Sequence) and element.items is not None else (unknown(), unknown())
    )
    distinct = len(node.generators) == 1 and not node.generators[0].ifs and is_distinct(key)
    made.other_key, made.others, made.length = key, value, content.length if distinct else symbol("length", None)
    return run.allocate(made, "dict")


def _comprehend(
    run: Interpreter, element: tree.Expression, generators: list[tree.Comprehension], kind: str
) -> Sequence:
    """The content that a comprehension makes, in a scope of its own."""
    from lstmlint.interpreter.interpreter import Frame

    frame = run.frame
    scope = run.new_scope(frame.scope, "comprehension")
    inner = Frame(frame.module, scope, None, frame.function, frame.owner, frame.receiver)
    inner.yields = frame.yields
    saved, run.target_name = run.target_name, None
    run.frames.append(inner)
    try:
        content = _generate(run, element, generators)
    finally:
        run.frames.pop()
        run.target_name = saved
    return Sequence(kind, content.items, content.length, content.element)


def _generate(run: Interpreter, element: tree.Expression, generators: list[tree.Comprehension]) -> Sequence:
    from lstmlint.interpreter.expressions import evaluate
    from lstmlint.interpreter.statements import bind

    if not generators:
        value = evaluate(run, element)
        return Sequence("list", (value,), 1)
    generator, inner = generators[0], generators[1:]
    sequence = iteration_of(run, evaluate(run, generator.iter), run.site(generator.iter))
    items = _unrollable(sequence) if sequence is not None else None
    if items is not None:
        parts = [_filtered(run, generator, inner, element, item) for item in items]
        return _chained(run, parts)
    passes: list[Sequence] = []
    for _ in range(2):  # two passes: what depends on the index differs between them
        bind(run, generator.target, item_of(run, sequence))
        passes.append(_filtered(run, generator, inner, element, None))
    first, second = passes
    length = sequence.length if sequence is not None else None
    each = first.length if first.length == second.length else None
    total = length * each if length is not None and each is not None else None
    if total is None:
        total = symbol("length", None, lower=1)
    kept = _each_its_own(elements(first), elements(second)) if not inner else None
    element_of_all = kept or covering(run.state, [*elements(first), *elements(second)])
    return Sequence("list", None, total, element_of_all)


def _each_its_own(first: list[Value], second: list[Value]) -> Value | None:
    """What stands for the elements of all passes where it holds a part that never repeats (a word of a set, an index)."""
    if len(first) != 1 or len(second) != 1:
        return None
    a, b = first[0], second[0]
    if isinstance(a, Sequence) and isinstance(b, Sequence) and a.items is not None and b.items is not None:
        if len(a.items) != len(b.items) or not any(is_distinct(item) for item in a.items):
            return None
        parts = tuple(
            renewed(x) if is_distinct(x) and is_distinct(y) else generalise(x, y) for x, y in zip(a.items, b.items)
        )
        return Sequence(a.kind, parts, len(parts))
    return renewed(a) if is_distinct(a) and is_distinct(b) else None


def _filtered(
    run: Interpreter,
    generator: tree.Comprehension,
    inner: list[tree.Comprehension],
    element: tree.Expression,
    item: Value | None,
) -> Sequence:
    """What one item contributes: nothing when an `if` is false, something of unknown length when it is open."""
    from lstmlint.interpreter.expressions import evaluate
    from lstmlint.interpreter.statements import bind

    if item is not None:
        bind(run, generator.target, item)
    is_open = False
    for test in generator.ifs:
        truth = operators.condition(run, evaluate(run, test), run.site(test))
        if truth is False:
            return Sequence("list", (), 0)
        is_open = is_open or isinstance(truth, Truth)
    content = _generate(run, element, inner)
    return Sequence("list", None, None, covering(run.state, elements(content))) if is_open else content


def _chained(run: Interpreter, parts: list[Sequence]) -> Sequence:
    if all(part.items is not None for part in parts):
        items = tuple(item for part in parts for item in part.items or ())
        return Sequence("list", items, len(items))
    length: Dim | None = 0
    for part in parts:
        length = length + part.length if length is not None and part.length is not None else None
    return Sequence("list", None, length, covering(run.state, [e for part in parts for e in elements(part)]))
