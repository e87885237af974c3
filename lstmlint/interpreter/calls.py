"""Calls: functions, methods and classes of the program inlined with their arguments, and models of libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmlint.classes import dataclass, field
from lstmlint.interpreter import budget, sequences
from lstmlint.interpreter.call import Call, Handler
from lstmlint.interpreter.joins import covering, join_many, thawed
from lstmlint.interpreter.state import ClassObject, DictObject, Instance, LibraryObject
from lstmlint.interpreter.values import (
    NONE,
    Const,
    External,
    Foreign,
    Function,
    Generator,
    Method,
    Partial,
    Ref,
    Sequence,
    Site,
    Super,
    Unknown,
    Value,
    tuple_of,
    unknown,
)
from lstmlint.source import tree

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter


@dataclass(slots=True)
class Arguments:
    """The arguments of one call; `open_…` when `*args` or `**kwargs` of unknown content were given too.

    `rest` stands for any of the arguments in such an `*args`, where something is known of them.
    """

    args: list[Value]
    keywords: dict[str, Value] = field(default_factory=dict)
    open_args: bool = False
    open_keywords: bool = False
    rest: Value | None = None

    def all(self) -> list[Value]:
        return [*self.args, *self.keywords.values()]

    def behind(self, *first: Value) -> Arguments:
        """The same with arguments put in front."""
        return Arguments([*first, *self.args], self.keywords, self.open_args, self.open_keywords, self.rest)

    def resolved(self, run: Interpreter) -> Arguments:
        return Arguments(
            [run.state.resolve(v) for v in self.args],
            {k: run.state.resolve(v) for k, v in self.keywords.items()},
            self.open_args,
            self.open_keywords,
            self.rest,
        )


def call(run: Interpreter, arguments: Arguments, function: Value, site: Site) -> Value:
    """The value of calling `function`."""
    guard = run.deciding_guard([function])
    if guard is not None:
        return run.split(guard, lambda: call(run, arguments, run.state.resolve(function), site))
    function = run.state.resolve(function)
    if isinstance(function, Function):
        return call_function(run, function, arguments, site)
    if isinstance(function, Method):
        receiver = run.state.resolve(function.receiver)
        return call(run, arguments.behind(receiver), function.function, site)
    if isinstance(function, External):
        return call_library(run, function.name, arguments, site)
    if isinstance(function, Partial):
        keywords = {**dict(function.keywords), **arguments.keywords}
        joined = Arguments([*function.args, *arguments.args], keywords, arguments.open_args, arguments.open_keywords)
        return call(run, joined, function.function, site)
    if isinstance(function, Ref):
        return _call_object(run, function, arguments, site)
    if isinstance(function, Foreign):
        return call_library(run, f"{function.type}.__call__", arguments.behind(function), site)
    if run.watch is not None:
        run.watch(None, arguments)
    for value in arguments.all():
        run.forget(value)
    name = function.name if isinstance(function, Unknown) else "call"
    return unknown(f"{name}(…)")


def _call_object(run: Interpreter, ref: Ref, arguments: Arguments, site: Site) -> Value:
    target = run.state.read(ref)
    if isinstance(target, ClassObject):
        return instantiate(run, ref, target, arguments, site)
    if isinstance(target, Instance):
        method = find_method(run, ref, "__call__")
        if method is not None:
            return call(run, arguments, method, site)
    elif isinstance(target, LibraryObject):
        return call_library(run, f"{ref.kind}.__call__", arguments.behind(ref), site)
    for value in arguments.all():
        run.forget(value)
    return unknown()


# --- library models --------------------------------------------------------------------------------------------------


def call_library(run: Interpreter, name: str, arguments: Arguments, site: Site) -> Value:
    """The value of calling the library member `name`: by its model, or Unknown when nobody modelled it."""
    if run.watch is not None:
        run.watch(name, arguments)
    handler = run.library.lookup(name)
    if handler is not None and not isinstance(handler, Value):
        return call_handler(run, handler, name, arguments, site)
    if not run.library.harmless(name):
        for value in arguments.all():
            run.forget(value)
    return unknown(f"{name.rpartition('.')[2]}(…)")


def call_handler(run: Interpreter, handler: Handler, name: str, arguments: Arguments, site: Site) -> Value:
    """The value that a model gives, split over the conditions that its arguments depend on."""
    arguments = arguments.resolved(run)
    guard = run.deciding_guard(arguments.all(), deep=True)
    if guard is not None:
        return run.split(guard, lambda: call_handler(run, handler, name, settle(run, arguments), site))
    run.step()
    made = Call(run, site, name, arguments.args, arguments.keywords, arguments.open_args, arguments.open_keywords)
    made.rest = arguments.rest
    args, keywords = _bind_handler(handler, made)
    outer, run.calling = run.calling, site
    try:
        return handler(made, *args, **keywords)
    finally:
        run.calling = outer


def settle(run: Interpreter, arguments: Arguments) -> Arguments:
    """The arguments with what this path has decided put into tuples, too (lists resolve when they are read)."""

    def settled(value: Value) -> Value:
        value = run.state.resolve(value)
        if isinstance(value, Sequence) and value.items is not None:
            return Sequence(value.kind, tuple(run.state.resolve(i) for i in value.items), value.length, value.element)
        if isinstance(value, Ref) and value.kind in ("list", "set"):
            sequences.settle_items(run, value)
        return value

    return Arguments(
        [settled(v) for v in arguments.args],
        {k: settled(v) for k, v in arguments.keywords.items()},
        arguments.open_args,
        arguments.open_keywords,
        arguments.rest,
    )


def _bind_handler(handler: Handler, made: Call) -> tuple[list[Value], dict[str, Value]]:
    """Arguments for a model by its own parameter names; what it does not name is left in the `Call`."""
    code = handler.__code__
    names = code.co_varnames[1 : code.co_argcount]
    takes_rest = bool(code.co_flags & 0x04)
    args = made.args if takes_rest else made.args[: len(names)]
    taken = set(names[: len(args)])
    allowed = set(names) | set(code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount])
    keywords = {k: v for k, v in made.keywords.items() if k in allowed and k not in taken}
    required = len(names) - len(handler.__defaults__ or ())
    for name in names[len(args) : required]:
        keywords.setdefault(name, unknown(name))
    return args, keywords


# --- functions of the program ----------------------------------------------------------------------------------------


def call_function(run: Interpreter, function: Function, arguments: Arguments, site: Site) -> Value:
    """The value of a call of one of the program's own functions, run with these arguments."""
    running = sum(1 for frame in run.frames if frame.function is function.node)
    is_deep = running >= budget.MAX_RECURSION or len(run.frames) >= budget.MAX_CALL_DEPTH
    if function.wrapped or is_deep or not _takes(function, arguments):
        for value in arguments.all():
            run.forget(value)
        return unknown(f"{function.name}(…)")
    if isinstance(function.node, tree.FunctionDef) and function.node.is_generator:
        return Generator(function, tuple(arguments.args), tuple(arguments.keywords.items()), site)
    frame = enter(run, function, arguments, site)
    return leave(run, function, frame)


def _takes(function: Function, arguments: Arguments) -> bool:
    """Whether the function has parameters for all that it is given: otherwise Python raises, and nothing of it runs."""
    given = function.node.args
    positional = [p.arg for p in (*given.posonlyargs, *given.args)]
    names = {*positional, *(p.arg for p in given.kwonlyargs)}
    fits = given.vararg is not None or len(arguments.args) <= len(positional)
    return fits and (given.kwarg is not None or names.issuperset(arguments.keywords))


def enter(run: Interpreter, function: Function, arguments: Arguments, site: Site | None) -> object:
    """Push a frame for the function with its parameters bound."""
    from lstmlint.interpreter.interpreter import Frame

    names = bind_parameters(run, function, arguments)
    scope = run.new_scope(function.scope, "function", names)
    frame = Frame(function.module, scope, site, function.node, function.owner, result_name=run.target_name)
    positional = [*function.node.args.posonlyargs, *function.node.args.args]
    if positional:
        frame.receiver = names.get(positional[0].arg)
    run.frames.append(frame)
    run.executed.add(id(function.node))
    if run.entered is not None:
        run.entered(run, function.node)
    return frame


def leave(run: Interpreter, function: Function, frame: object) -> Value:
    """Run the body of the function in its frame, pop it, and join its ends.

    Errors: Unreachable when no path returns.
    """
    from lstmlint.interpreter import statements
    from lstmlint.interpreter.interpreter import Frame, Unreachable

    assert isinstance(frame, Frame)
    saved_name, run.target_name = run.target_name, None
    try:
        if isinstance(function.node, tree.Lambda):
            return run_expression(run, function.node.body)
        if statements.run_block(run, function.node.body):
            frame.returns.append((run.state, NONE))
    finally:
        run.frames.pop()
        run.target_name = saved_name
    if not frame.returns:
        raise Unreachable
    run.state, value = join_many(frame.returns)
    return value


def run_expression(run: Interpreter, node: tree.Expression) -> Value:
    from lstmlint.interpreter import expressions

    return expressions.evaluate(run, node)


def run_generator(run: Interpreter, generator: Generator) -> Sequence:
    """What the generator yields: one value that stands for all, and a length that is not known."""
    from lstmlint.interpreter.interpreter import Frame, Unreachable

    function = generator.function
    if len(run.frames) >= budget.MAX_CALL_DEPTH or any(f.function is function.node for f in run.frames):
        return Sequence("iterator", None, None, None)
    arguments = Arguments(list(generator.args), dict(generator.keywords))
    frame = enter(run, function, arguments, generator.site)
    assert isinstance(frame, Frame)
    before = run.state.fork()
    try:
        leave(run, function, frame)
    except Unreachable:  # `while True` never returns: what was yielded is all there is
        run.state = before
    element = covering(run.state, frame.yields)
    return Sequence("iterator", None, None, None if element is None else thawed(run.allocate, element))


def bind_parameters(run: Interpreter, function: Function, arguments: Arguments) -> dict[str, Value]:
    """Parameter names and their values; one that is given nothing and has no default is unknown."""
    given = function.node.args
    positional = [p.arg for p in (*given.posonlyargs, *given.args)]
    names: dict[str, Value] = dict(zip(positional, arguments.args))
    rest = arguments.args[len(positional) :]
    keywords = dict(arguments.keywords)
    for name in (*positional, *(p.arg for p in given.kwonlyargs)):
        if name in keywords:
            names[name] = keywords.pop(name)
    first_default = len(positional) - len(function.defaults)
    for index, name in enumerate(positional):
        if name not in names:
            is_open = arguments.open_args or arguments.open_keywords
            has_default = index >= first_default and not is_open
            names[name] = function.defaults[index - first_default] if has_default else unknown(name)
    for parameter, default in zip(given.kwonlyargs, function.kw_defaults):
        if parameter.arg not in names:
            names[parameter.arg] = unknown(parameter.arg) if default is None or arguments.open_keywords else default
    if given.vararg is not None:
        names[given.vararg.arg] = (
            Sequence("tuple", None, None, arguments.rest) if arguments.open_args else tuple_of(*rest)
        )
    if given.kwarg is not None:
        entries = {Const(k).key: (Const(k), v) for k, v in keywords.items()}
        others = unknown(given.kwarg.arg) if arguments.open_keywords else None
        names[given.kwarg.arg] = run.allocate(DictObject(entries, None, others), "dict")  # type: ignore[arg-type]
    return names


# --- classes ---------------------------------------------------------------------------------------------------------


def instantiate(run: Interpreter, ref: Ref, cls: ClassObject, arguments: Arguments, site: Site) -> Value:
    """A new instance of one of the program's classes, with its `__init__` run."""
    from lstmlint.interpreter.attributes import ancestors, find_in_class

    bases = ancestors(run, ref)
    created = next(
        (b.name for b in bases if isinstance(b, External) and callable(run.library.lookup(f"{b.name}.__new__"))), None
    )
    if created is not None:
        return call_library(run, f"{created}.__new__", arguments.behind(ref), site)
    is_open = any(not isinstance(base, Ref) and base != External("builtins.object") for base in bases)
    instance = run.allocate(Instance(ref, {}, is_open), "instance")
    initialiser = find_in_class(run, ref, "__init__")
    if isinstance(initialiser, Function):
        call_function(run, initialiser, arguments.behind(instance), site)
    elif isinstance(initialiser, External):
        call_library(run, initialiser.name, arguments.behind(instance), site)
    elif cls.fields:
        _fill_fields(run, instance, cls, arguments)
    return instance


def instantiate_bare(run: Interpreter, ref: Ref) -> Ref:
    """An instance whose `__init__` has not been run."""
    return run.allocate(Instance(ref, {}, True), "instance")


def _fill_fields(run: Interpreter, instance: Ref, cls: ClassObject, arguments: Arguments) -> None:
    """The attributes that a dataclass makes of its arguments."""
    target = run.state.write(instance)
    assert isinstance(target, Instance)
    for name, value in zip(cls.fields, arguments.args):
        target.attributes[name] = value
    target.attributes.update({k: v for k, v in arguments.keywords.items() if k in cls.fields})
    for name in cls.fields:
        if name not in target.attributes and name not in cls.attributes:
            target.attributes[name] = unknown(name)


def find_method(run: Interpreter, ref: Ref, name: str) -> Value | None:
    """The bound method `name` of an instance, if its class has one."""
    from lstmlint.interpreter.attributes import find_in_class

    target = run.state.read(ref)
    if not isinstance(target, Instance):
        return None
    member = target.attributes.get(name) or find_in_class(run, target.cls, name)
    return Method(member, ref) if isinstance(member, (Function, External)) else None


def make_super(run: Interpreter, args: list[Value]) -> Value:
    """The value of `super()` or `super(Class, self)` in the running method."""
    owner, receiver = run.frame.owner, run.frame.receiver
    if len(args) == 2 and isinstance(args[0], Ref):
        owner, receiver = args[0], args[1]
    return Super(owner, receiver) if owner is not None and receiver is not None else unknown("super()")
