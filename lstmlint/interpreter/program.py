"""Running a whole file: the module, then every function and method that nothing called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lstmlint.interpreter import attributes, budget, calls, scopes
from lstmlint.interpreter.budget import BudgetExceeded
from lstmlint.interpreter.call import Library
from lstmlint.interpreter.interpreter import Frame, Interpreter, ModuleLoader, Unreachable
from lstmlint.interpreter.state import ClassObject
from lstmlint.interpreter.values import Function, Ref, Site, Unknown, Value
from lstmlint.source.module import SourceModule
from lstmlint.source.tree import Statement


def run_program(
    source: SourceModule,
    library: Library,
    loader: ModuleLoader,
    context: Any = None,
    observer: Callable[[Interpreter, Statement], None] | None = None,
    prepare: Callable[[Interpreter], None] | None = None,
) -> Interpreter:
    """The interpreter after it has run `source` (its `events` are the trace).  `observer` is told each statement that ran.
    `prepare` is given the interpreter before it starts.

    Past the budget the rest of the file is left alone; what was found before stands.
    """
    run = Interpreter(library, loader, context)
    run.entry = source
    run.observer = observer
    if context is not None:
        context.begin(run)
    if prepare is not None:
        prepare(run)
    try:
        scopes.run_module(run, source)
    except (BudgetExceeded, RecursionError):
        return run
    _run_uncalled(run, run.steps + budget.MAX_STEPS)
    return run


def _run_uncalled(run: Interpreter, end: int, first: int = 0) -> None:
    """Functions that nothing called (from the `first` defined on), with parameters of which nothing is known.

    What they define and do not call is run after them, in the state that they leave.  `end` is the number of steps after
    which no further one is begun.
    """
    base = run.state
    for function in run.defined[first:]:
        if run.steps > end:
            return
        if id(function.node) in run.executed or function.module is not run.entry or function.scope not in base.heap:
            continue
        run.state = base.fork()
        run.frames = []
        run.raised = []
        run.limit = run.steps + budget.MAX_STEPS_ALONE
        defined = len(run.defined)
        try:
            _run_alone(run, function, _receiver(run, function))
        except (BudgetExceeded, RecursionError):
            run.frames = []
            continue
        if len(run.defined) > defined:
            _run_uncalled(run, end, defined)


def _receiver(run: Interpreter, function: Function) -> Value | None:
    """What stands for `self` in a method; None for any other function."""
    if function.owner is None or function.binding == "static":
        return None
    return _instance_of(run, function.owner, function)


def _run_alone(run: Interpreter, function: Function, receiver: Value | None) -> None:
    if id(function.node) in run.executed:
        return
    given = function.node.args
    names = [p.arg for p in (*given.posonlyargs, *given.args)]
    args: list[Value] = [Unknown(("parameter", id(function.node), name), name) for name in names]
    if receiver is not None and args:
        args[0] = receiver
    keywords: dict[str, Value] = {
        p.arg: Unknown(("parameter", id(function.node), p.arg), p.arg) for p in given.kwonlyargs
    }  # fmt: skip
    arguments = calls.Arguments(args, keywords, open_args=True, open_keywords=True)
    try:
        frame = calls.enter(run, function, arguments, None)
        calls.leave(run, function, frame)
    except Unreachable:
        pass
    finally:
        run.frames = []


def _instance_of(run: Interpreter, owner: Ref, function: Function) -> Value:
    """An instance of the class made with unknown arguments, for a method that nothing called."""
    target = run.state.read(owner)
    if function.binding == "class" or not isinstance(target, ClassObject):
        return owner
    site = Site(function.module, function.node)
    run.frames.append(_outer_frame(function))
    try:
        initialiser = attributes.find_in_class(run, owner, "__init__")
        if initialiser is not None and isinstance(initialiser, Function) and initialiser.node is function.node:
            return calls.instantiate_bare(run, owner)
        arguments = _unknown_arguments(initialiser)
        return calls.instantiate(run, owner, target, arguments, site)
    except Unreachable:
        return Unknown(("self", id(function.node)), "self")
    finally:
        run.frames = []


def _unknown_arguments(initialiser: Value | None) -> calls.Arguments:
    if not isinstance(initialiser, Function):
        return calls.Arguments([], {}, open_args=True, open_keywords=True)
    given = initialiser.node.args
    names = [p.arg for p in (*given.posonlyargs, *given.args)][1:]
    args: list[Value] = [Unknown(("parameter", id(initialiser.node), name), name) for name in names]
    return calls.Arguments(args, {}, open_args=True, open_keywords=True)


def _outer_frame(function: Function) -> Frame:
    return Frame(function.module, function.scope)
