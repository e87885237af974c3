"""The interpreter: one state, a stack of frames, and the operations that everything else is made of."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Protocol

from lstmlint.classes import dataclass, field
from lstmlint.interpreter import attributes, budget, calls, operators, sequences
from lstmlint.interpreter.budget import BudgetExceeded
from lstmlint.interpreter.call import Library
from lstmlint.interpreter.joins import facet, join_many, join_states
from lstmlint.interpreter.recorded import Recorded
from lstmlint.interpreter.state import FacetObject, HeapObject, Instance, Scope, State
from lstmlint.interpreter.values import (
    NONE,
    Facets,
    Function,
    Guard,
    Ref,
    Sequence,
    Site,
    Truth,
    Value,
    unknown,
)
from lstmlint.source import tree

if TYPE_CHECKING:
    from lstmlint.source.module import SourceModule


class Unreachable(Exception):
    """The operation never returns: every path of it raises."""


class ModuleLoader(Protocol):
    """Where imports of the program's own modules are found."""

    def load(self, name: str, level: int, importer: SourceModule) -> SourceModule | None:
        """The local module `name` as seen from `importer`, or None when it is not one of the project's."""


@dataclass(slots=True)
class LoopEnds:
    """States that left the body of a loop early."""

    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """One running function, class body or module."""

    module: SourceModule
    scope: int
    site: Site | None = None  # the call
    function: tree.Node | None = None
    owner: Ref | None = None
    receiver: Value | None = None
    result_name: str | None = None  # the variable that the result of the call is assigned to
    returns: list[tuple[State, Value]] = field(default_factory=list)
    yields: list[Value] = field(default_factory=list)
    loops: list[LoopEnds] = field(default_factory=list)


class Interpreter:
    """Runs modules abstractly.  `state` is the state of the path being followed (never None while evaluating)."""

    def __init__(self, library: Library, loader: ModuleLoader, context: Any = None) -> None:
        self.library = library
        self.context = context  # what library models need to know of the run (the Keras that is meant)
        self.data: Any = None  # the data files that the program may read, for library models
        self.declared: Any = None  # what users say of shapes
        self.watch: Callable[[str | None, calls.Arguments], None] | None = (
            None  # told each call of code not the program's
        )
        self.loader = loader
        self.state = State()
        self.frames: list[Frame] = []
        self.calling: Site | None = None  # the call of a library member that is being carried out
        self.events: list[Recorded] = []
        self.target_name: str | None = None
        self.result: Value = NONE  # of the expression statement that ran last
        self.observer: Callable[[Interpreter, tree.Statement], None] | None = None  # told each statement that has run
        self.entered: Callable[[Interpreter, tree.Node], None] | None = (
            None  # told each function whose parameters are bound
        )
        self.executed: set[int] = set()
        self.modules: dict[str, Ref] = {}
        self.entry: SourceModule | None = None
        self.defined: list[Function] = []
        self.classes: list[Ref] = []
        self.halted: State | None = None  # the state at a `raise` that nothing catches
        self.raised: list[list[State]] = []  # states that raise inside the enclosing `try` statements
        self.options: dict[str, Value] = {}
        self.expected = 0
        self.fallbacks = 0  # `try` statements around that are prepared for an import that fails
        self.repeated = 0
        self.limit = budget.MAX_STEPS  # of steps, for what is being run
        self._steps = 0
        self._splits = 0
        self._addresses = 0

    # --- bookkeeping -------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Count one unit of work.

        Errors: BudgetExceeded when the steps for what is being run are used up.
        """
        self._steps += 1
        if self._steps > self.limit:
            raise BudgetExceeded

    @property
    def steps(self) -> int:
        """Units of work done so far."""
        return self._steps

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def site(self, node: tree.Node) -> Site:
        return Site(self.frame.module, node)

    def allocate(self, thing: HeapObject, kind: str) -> Ref:
        """A reference to a new heap object."""
        self._addresses += 1
        self.state.heap[self._addresses] = thing
        self.state.owned.add(self._addresses)
        return Ref(self._addresses, kind)

    def new_scope(self, parent: int | None, kind: str, names: dict[str, Value] | None = None) -> int:
        return self.allocate(Scope(names if names is not None else {}, parent, kind), "scope").address

    def record(self, event: Any, site: Site) -> None:
        """Leave an event in the trace, with the circumstances of this path."""
        facts = self.state.facts.values()
        self.events.append(
            Recorded(
                event,
                site,
                tuple(fact for fact in facts if fact.split),
                tuple(fact for fact in facts if not fact.split and not fact.forced),
                tuple(frame.site for frame in self.frames if frame.site is not None),
                self.expected > 0,
                self.repeated > 0,
            )
        )

    def set_option(self, name: str, value: Value) -> None:
        """Set a global option of a library; set under an open condition, or twice to other values, it is not known."""
        is_open = any(not fact.forced for fact in self.state.facts.values())
        if is_open or self.options.get(name, value) != value:
            value = unknown(name)
        self.options[name] = value

    # --- paths -------------------------------------------------------------------------------------------------------

    def split(self, guard: Guard, operation: Callable[[], Value]) -> Value:
        """`operation` on both sides of `guard`, joined: how operations work on values that depend on a condition."""
        self._splits += 1
        if self._splits > budget.MAX_SPLITS:
            return unknown()
        return self._both(guard, operation, operation, split=True)

    def branch(self, truth: Truth, then: Callable[[], Value], other: Callable[[], Value]) -> Value:
        """`then` where the condition holds, `other` where it does not, joined."""
        if not truth.positive:
            then, other = other, then
        return self._both(truth.guard, then, other, split=False)

    def _both(self, guard: Guard, then: Callable[[], Value], other: Callable[[], Value], *, split: bool) -> Value:
        base = self.state
        ends: list[tuple[State, Value] | None] = []
        for value, operation in ((True, then), (False, other)):
            self.state = base.fork()
            self.state.assume(guard, value, split=split)
            try:
                result = operation()
                ends.append((self.state, result))
            except Unreachable:
                ends.append(None)
        first, second = ends
        if first is None or second is None:
            alive = first or second
            if alive is None:
                raise Unreachable
            self.state, result = alive
            self.state.force(guard)
            return result
        joined = join_states(guard, first[0], second[0])
        assert joined is not None
        self.state = joined
        return facet(guard, first[1], second[1])

    def join(self, states: list[State]) -> State | None:
        """One state that covers all of `states`; None for none."""
        return join_many([(state, NONE) for state in states])[0] if states else None

    def deciding_guard(self, values: list[Value], *, deep: bool = False) -> Guard | None:
        """A guard on which one of `values` still depends on this path.

        `deep`: also one on which an item of a sequence depends, or what a library keeps of an instance.
        """
        for value in values:
            resolved = self.state.resolve(value)
            if isinstance(resolved, Facets):
                return resolved.guard
            held = resolved if isinstance(resolved, Ref) else getattr(resolved, "cell", None)
            if held is not None:
                target = self.state.read(held)
                if deep and isinstance(target, Instance) and target.library is not None:
                    target = self.state.read(target.library)
                if isinstance(target, FacetObject):
                    return target.guard
            if deep and isinstance(resolved, (Sequence, Ref)):
                items = sequences.known_items(self, resolved)
                if items is not None and (found := self.deciding_guard(list(items))) is not None:
                    return found
        return None

    # --- operations (each in a module of its own) --------------------------------------------------------------------

    def call(
        self,
        function: Value,
        args: list[Value],
        keywords: dict[str, Value],
        site: Site,
        *,
        open_args: bool = False,
        open_keywords: bool = False,
    ) -> Value:
        """The value of calling `function`."""
        return calls.call(self, calls.Arguments(args, keywords, open_args, open_keywords), function, site)

    def attribute(self, value: Value, name: str, site: Site) -> Value:
        return attributes.attribute(self, value, name, site)

    def subscript(self, value: Value, index: Value, site: Site) -> Value:
        return sequences.subscript(self, value, index, site)

    def binary(self, left: Value, op: str, right: Value, site: Site) -> Value:
        return operators.binary(self, left, op, right, site)

    def compare(self, left: Value, op: str, right: Value, site: Site) -> Value:
        return operators.compare(self, left, op, right, site)

    def condition(self, value: Value, site: Site) -> bool | Truth:
        """The truth of a value: decided on this path, or the condition that decides it."""
        return operators.condition(self, value, site)

    def truth(self, value: Value) -> bool | None:
        """The truth of a value if it is decided."""
        found = operators.condition(self, value, self.site(tree.Pass()))
        return found if isinstance(found, bool) else None

    def as_sequence(self, value: Value, site: Site) -> Sequence | None:
        return sequences.as_sequence(self, value, site)

    def forget(self, value: Value, seen: frozenset[Hashable] = frozenset()) -> None:
        """Forget what unknown code could change behind `value`."""
        sequences.forget(self, value, seen)
