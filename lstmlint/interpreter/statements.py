"""Statements: what each does to the state.  A block tells whether its end can be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lstmlint.interpreter import attributes, calls, loops, operators, scopes, sequences
from lstmlint.interpreter.expressions import evaluate, make_function
from lstmlint.interpreter.joins import join_many, join_states
from lstmlint.interpreter.state import ClassObject, Scope, State
from lstmlint.interpreter.values import (
    NONE,
    External,
    Foreign,
    Function,
    Generator,
    Guard,
    Ref,
    Sequence,
    Truth,
    Unknown,
    Value,
    fresh_key,
    unknown,
)
from lstmlint.source import tree

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter


def run_block(run: Interpreter, body: list[tree.Statement]) -> bool:
    """Run statements in order; False when the end of the block cannot be reached (`run.state` is then void)."""
    from lstmlint.interpreter.interpreter import Unreachable

    for statement in body:
        run.step()
        try:
            ends = STATEMENTS[type(statement)](run, statement) is False
            if run.observer is not None:
                run.observer(run, statement)
            if ends:
                return False
        except Unreachable:
            if run.raised:
                run.raised[-1].append(run.state)
            else:
                run.halted = run.state
            return False
    return True


# --- assignment ------------------------------------------------------------------------------------------------------


def _assign(run: Interpreter, node: tree.Assign) -> None:
    target = node.targets[0]
    run.target_name = target.id if isinstance(target, tree.Name) else None
    value = evaluate(run, node.value)
    run.target_name = None
    for target in node.targets:
        bind(run, target, value)


def bind(run: Interpreter, target: tree.Expression, value: Value) -> None:
    """Assign a value to any kind of target."""
    if isinstance(target, tree.Name):
        scopes.assign(run, target.id, value)
    elif isinstance(target, tree.Attribute):
        attributes.set_attribute(run, evaluate(run, target.value), target.attr, value, run.site(target))
    elif isinstance(target, tree.Subscript):
        _bind_item(run, target, value)
    elif isinstance(target, (tree.Tuple, tree.List)):
        _bind_items(run, target, value)
    elif isinstance(target, tree.Starred):
        bind(run, target.value, value)


def _bind_item(run: Interpreter, target: tree.Subscript, value: Value) -> None:
    container = evaluate(run, target.value)
    index = evaluate(run, target.slice)
    changed = sequences.set_item(run, container, index, value, run.site(target))
    if changed is not None and isinstance(target.value, (tree.Name, tree.Attribute)):
        bind(run, target.value, changed)


def _bind_items(run: Interpreter, target: tree.Tuple | tree.List, value: Value) -> None:
    star = next((i for i, part in enumerate(target.elts) if isinstance(part, tree.Starred)), None)
    guard = run.deciding_guard([value])
    if guard is None:
        values = sequences.unpack(run, value, len(target.elts), star, run.site(target))
        for part, item in zip(target.elts, values):
            bind(run, part, item)
        return

    def split() -> Value:
        _bind_items(run, target, run.state.resolve(value))
        return NONE

    run.split(guard, split)


def _aug_assign(run: Interpreter, node: tree.AugAssign) -> None:
    site = run.site(node)
    old = run.state.resolve(evaluate(run, node.target))
    operand = evaluate(run, node.value)
    if node.op == "+" and isinstance(old, Ref) and old.kind == "list":
        more = run.as_sequence(operand, site)
        target = run.state.write(old)
        content = run.as_sequence(old, site)
        if hasattr(target, "content") and content is not None:
            unknown_rest = Sequence("list", None, None, None)
            target.content = sequences.concatenated(run, content, more if more is not None else unknown_rest)
        return
    bind(run, node.target, operators.binary(run, old, node.op, operand, site))


def _ann_assign(run: Interpreter, node: tree.AnnAssign) -> None:
    if node.value is not None:
        run.target_name = node.target.id if isinstance(node.target, tree.Name) else None
        value = evaluate(run, node.value)
        run.target_name = None
        bind(run, node.target, value)


def _delete(run: Interpreter, node: tree.Delete) -> None:
    for target in node.targets:
        if isinstance(target, tree.Name):
            scopes.delete(run, target.id)
        elif isinstance(target, tree.Subscript):
            container = run.state.resolve(evaluate(run, target.value))
            index = evaluate(run, target.slice)
            owner = attributes.type_name(container)
            changed = None
            if isinstance(container, Foreign) and owner is not None:
                site = run.site(target)
                changed = sequences.library_call(run, f"{owner}.__delitem__", [container, index], site)
                if changed is not None:
                    bind(run, target.value, changed)
            else:
                run.forget(container)


# --- control flow ----------------------------------------------------------------------------------------------------


def _if(run: Interpreter, node: tree.If) -> bool:
    site = run.site(node.test)
    truth = operators.condition(run, evaluate(run, node.test), site)
    if not isinstance(truth, Truth):
        return run_block(run, node.body if truth else node.orelse)
    sides = (bool(node.body), bool(node.orelse))
    guard = truth.guard
    guard = Guard(
        guard.ident, guard.text, guard.site or site, sides if truth.positive else sides[::-1], guard.parts, guard.all_of
    )
    base = run.state
    ends: list[State | None] = []
    for value, body in ((True, node.body), (False, node.orelse)):
        run.state = base.fork()
        run.state.assume(guard, value is truth.positive)
        ends.append(run.state if run_block(run, body) else None)
        if ends[-1] is not None:
            ends[-1] = run.state
    yes, no = ends if truth.positive else reversed(ends)
    joined = join_states(guard, yes, no)
    if joined is None:
        return False
    if yes is None or no is None:
        joined.force(guard)
    run.state = joined
    return True


def _return(run: Interpreter, node: tree.Return) -> bool:
    value = evaluate(run, node.value) if node.value is not None else NONE
    run.frame.returns.append((run.state, value))
    return False


def _raise(run: Interpreter, node: tree.Raise) -> bool:
    if node.exc is not None:
        evaluate(run, node.exc)
    _leave_by_raising(run)
    return False


def _leave_by_raising(run: Interpreter) -> None:
    if run.raised:
        run.raised[-1].append(run.state)
    elif run.halted is None:
        run.halted = run.state


def _assert(run: Interpreter, node: tree.Assert) -> bool:
    truth = operators.condition(run, evaluate(run, node.test), run.site(node.test))
    if isinstance(truth, Truth):
        run.state.assume(truth.guard, truth.positive)
        return True
    return truth


def _break(run: Interpreter, node: tree.Break) -> bool:
    if run.frame.loops:
        run.frame.loops[-1].breaks.append(run.state)
    return False


def _continue(run: Interpreter, node: tree.Continue) -> bool:
    if run.frame.loops:
        run.frame.loops[-1].continues.append(run.state)
    return False


#: Exceptions by which a handler shows that it reckons with what Keras raises.
CAUGHT = frozenset({
    "builtins.BaseException", "builtins.Exception", "builtins.ValueError", "builtins.TypeError", "builtins.AssertionError",
    "builtins.AttributeError", "builtins.IndexError", "builtins.KeyError", "builtins.RuntimeError",
})  # fmt: skip


def _try(run: Interpreter, node: tree.Try) -> bool:
    """The body, then each handler from what may hold when it raises; all that end normally are joined."""
    expects = any(_catches(run, handler) for handler in node.handlers)
    prepared = expects or any(map(_catches_imports, node.handlers))
    run.fallbacks += prepared
    alive = _try_parts(run, node, expects)
    run.fallbacks -= prepared
    return run_block(run, node.finalbody) and alive


def _try_parts(run: Interpreter, node: tree.Try, expects: bool) -> bool:
    before = run.state.fork()
    run.raised.append([])
    run.expected += expects
    alive = run_block(run, node.body)
    run.expected -= expects
    raised = run.raised.pop()
    if alive and node.orelse:
        alive = run_block(run, node.orelse)
    ends = [run.state] if alive else []
    after = run.state if alive else None
    for handler in node.handlers:
        run.state = _at_handler(before, after, raised)
        if handler.type is not None:
            evaluate(run, handler.type)
        if handler.name:
            scopes.assign(run, handler.name, unknown(handler.name))
        if run_block(run, handler.body):
            ends.append(run.state)
    if not ends:
        run.state = before
        return False
    run.state = join_many([(end, NONE) for end in ends])[0]
    return True


def _at_handler(before: State, after: State | None, raised: list[State]) -> State:
    """What may hold when a handler starts: the state at an explicit raise, else that before the body."""
    states = [state.fork() for state in raised] or [before.fork()]
    return join_many([(state, NONE) for state in states])[0]


def _catches_imports(handler: tree.ExceptHandler) -> bool:
    """Whether a handler shows that an import may fail."""
    kinds = handler.type.elts if isinstance(handler.type, tree.Tuple) else [handler.type]
    return any(isinstance(kind, tree.Name) and kind.id in ("ImportError", "ModuleNotFoundError") for kind in kinds)


def _catches(run: Interpreter, handler: tree.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, tree.Tuple) else [handler.type]
    for kind in kinds:
        value = evaluate(run, kind)
        if not isinstance(value, External) or value.name in CAUGHT or not value.name.startswith("builtins."):
            return True
    return False


#: Context managers in which an exception is what the program wants to see.
EXPECTING = ("raises", "assertRaises", "assertRaisesRegex", "assertRaisesRegexp", "assertRaisesWithMessage", "suppress")


def _with(run: Interpreter, node: tree.With) -> bool:
    expected = 0
    for item in node.items:
        value = evaluate(run, item.context_expr)
        expected += _expects_failure(item.context_expr)
        if item.optional_vars is not None:
            bind(run, item.optional_vars, _entered(run, value, item))
    run.expected += expected
    if expected:
        run.raised.append([])
        before = run.state.fork()
    alive = run_block(run, node.body)
    run.expected -= expected
    if expected:
        run.raised.pop()
        if not alive:
            run.state = before
            return True
    return alive


def _expects_failure(expression: tree.Expression) -> bool:
    function = expression.func if isinstance(expression, tree.Call) else None
    name = function.attr if isinstance(function, tree.Attribute) else getattr(function, "id", None)
    return name in EXPECTING


def _entered(run: Interpreter, value: Value, item: tree.WithItem) -> Value:
    value = run.state.resolve(value)
    owner = attributes.type_name(value)
    site = run.site(item.context_expr)
    if isinstance(value, Generator):  # of a function under `contextmanager`
        yielded = calls.run_generator(run, value).element
        return yielded if yielded is not None else unknown()
    method = calls.find_method(run, value, "__enter__") if isinstance(value, Ref) else None
    if method is not None:
        return calls.call(run, calls.Arguments([], {}), method, site)
    if owner is not None:
        found = sequences.library_call(run, f"{owner}.__enter__", [value], site)
        return found if found is not None else value
    return value if isinstance(value, Unknown) else unknown()


# --- definitions -----------------------------------------------------------------------------------------------------

#: Decorators (by the end of their qualified names) under which a function still does what its body says.
TRANSPARENT = (
    "tf.function", "tensorflow.function", "functools.wraps", "functools.lru_cache", "functools.cache", "abc.abstractmethod",
    "typing.overload", "numba.jit", "numba.njit", "contextlib.contextmanager", "pytest.mark", "pytest.fixture",
    "keras.saving.register_keras_serializable", "keras.utils.register_keras_serializable", "typing.no_type_check",
    "tensorflow.autograph", "builtins.abs",
)  # fmt: skip


def _function_def(run: Interpreter, node: tree.FunctionDef) -> None:
    function = make_function(run, node, node.args, node.name)
    scope = run.state.heap[run.frame.scope]
    changes: dict[str, Any] = {}
    if isinstance(scope, Scope) and scope.kind == "class":
        changes["owner"] = run.frame.owner
    if node.is_async:
        changes["wrapped"] = True
    own: list[Value] = []  # decorators of the program, outermost first
    for decorator in node.decorator_list:
        found = _own_decorator(run, decorator)
        if found is not None:
            own.append(found)
        else:
            changes.update(_decoration(run, decorator))
    plain = set(changes) <= {"owner"}
    if own and not plain:
        changes["wrapped"] = True
    if changes:
        function = _changed(function, changes)
    run.defined.append(function)
    scopes.assign(run, node.name, _decorated(run, function, own, node) if own and plain else function)


def _own_decorator(run: Interpreter, decorator: tree.Expression) -> Value | None:
    """A decorator that is a function or object of the program, None for any other."""
    target = decorator.func if isinstance(decorator, tree.Call) else decorator
    if not isinstance(target, tree.Name):
        return None
    found = run.state.resolve(scopes.lookup(run, target.id))
    if not isinstance(found, Function) and not (isinstance(found, Ref) and found.kind in ("class", "instance")):
        return None
    return evaluate(run, decorator)


def _decorated(run: Interpreter, function: Function, decorators: list[Value], node: tree.FunctionDef) -> Value:
    """What the program's own decorators make of a function."""
    value: Value = function
    for decorator in reversed(decorators):
        value = calls.call(run, calls.Arguments([value]), decorator, run.site(node))
    return run.state.resolve(value)


def _changed(function: Function, changes: dict[str, Any]) -> Function:
    fields = {name: getattr(function, name) for name in Function.__slots__}
    return Function(**{**fields, **changes})


def _decoration(run: Interpreter, decorator: tree.Expression) -> dict[str, Any]:
    """What a decorator changes of a function value."""
    target = decorator.func if isinstance(decorator, tree.Call) else decorator
    if isinstance(target, tree.Attribute) and target.attr in ("setter", "deleter", "getter"):
        return {"binding": "property", "wrapped": True}
    value = evaluate(run, target)
    name = value.name if isinstance(value, External) else ""
    kinds = {
        "builtins.staticmethod": "static", "builtins.classmethod": "class", "builtins.property": "property",
        "functools.cached_property": "property",
    }  # fmt: skip
    if name in kinds:
        return {"binding": kinds[name]}
    if name.startswith(TRANSPARENT) or name.startswith("pytest."):
        return {}
    return {"wrapped": True}


def _class_def(run: Interpreter, node: tree.ClassDef) -> None:
    from lstmlint.interpreter.interpreter import Frame

    bases = tuple(run.state.resolve(evaluate(run, base)) for base in node.bases if not isinstance(base, tree.Starred))
    decorators = [evaluate(run, d.func if isinstance(d, tree.Call) else d) for d in node.decorator_list]
    made = ClassObject(node.name, bases, {}, node, run.frame.module)
    ref = run.allocate(made, "class")
    scope = run.new_scope(run.frame.scope, "class")
    run.frames.append(Frame(run.frame.module, scope, owner=ref))
    run_block(run, node.body)
    run.frames.pop()
    body = run.state.heap[scope]
    target = run.state.write(ref)
    assert isinstance(body, Scope) and isinstance(target, ClassObject)
    target.attributes = dict(body.names)
    if any(isinstance(d, External) and d.name.endswith("dataclass") for d in decorators):
        annotated = (s.target for s in node.body if isinstance(s, tree.AnnAssign))
        target.fields = tuple(t.id for t in annotated if isinstance(t, tree.Name))
    run.classes.append(ref)
    scopes.assign(run, node.name, ref)


def _opaque(run: Interpreter, node: tree.OpaqueStatement) -> None:
    for name in node.mentions:
        run.forget(scopes.lookup(run, name))
    for name in node.assigns:
        scopes.assign(run, name, Unknown(fresh_key(), name))


def _expression(run: Interpreter, node: tree.ExpressionStatement) -> None:
    if not isinstance(node.value, tree.Constant):
        run.result = evaluate(run, node.value)


def _nothing(run: Interpreter, node: tree.Statement) -> None:
    return None


STATEMENTS: dict[type[tree.Node], Callable[[Interpreter, Any], bool | None]] = {
    tree.Assign: _assign,
    tree.AugAssign: _aug_assign,
    tree.AnnAssign: _ann_assign,
    tree.Delete: _delete,
    tree.ExpressionStatement: _expression,
    tree.If: _if,
    tree.For: loops.for_loop,
    tree.While: loops.while_loop,
    tree.Return: _return,
    tree.Raise: _raise,
    tree.Assert: _assert,
    tree.Break: _break,
    tree.Continue: _continue,
    tree.Try: _try,
    tree.With: _with,
    tree.FunctionDef: _function_def,
    tree.ClassDef: _class_def,
    tree.Import: scopes.import_modules,
    tree.ImportFrom: scopes.import_from,
    tree.Global: scopes.declare,
    tree.Nonlocal: scopes.declare,
    tree.Pass: _nothing,
    tree.OpaqueStatement: _opaque,
}
