"""Names: where they are looked up and assigned, and what imports bind."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from lstmlint.interpreter import attributes
from lstmlint.interpreter.state import Scope
from lstmlint.interpreter.values import Const, External, Ref, Unknown, Value
from lstmlint.source import tree

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter
    from lstmlint.source.module import SourceModule

BUILTINS = frozenset(dir(builtins)) | {"unicode", "xrange", "raw_input", "basestring", "long"}


def lookup(run: Interpreter, name: str) -> Value:
    """The value of a name: function scopes outwards, the module, its star imports, the built-ins."""
    address: int | None = run.frame.scope
    first = True
    stars: tuple[str, ...] = ()
    while address is not None:
        scope = _scope(run, address)
        if first or scope.kind != "class":
            if name in scope.globals_:
                scope = module_scope(run)
            found = scope.names.get(name)
            if found is not None:
                return found
            stars = stars or scope.stars
        address, first = scope.parent, False
    return _outside(run, name, stars)


def _outside(run: Interpreter, name: str, stars: tuple[str, ...]) -> Value:
    for star in reversed(stars):
        is_there = run.library.lookup(f"{star}.{name}") is not None
        if is_there and not run.library.absent(run, star, (name,), None, "star"):
            return attributes.external(run, f"{star}.{name}")
    if name == "__name__":
        module = run.frame.module
        return Const("__main__" if module is run.entry else module.name.rpartition("/")[2].partition(".")[0])
    if name == "__file__" and run.frame.module.path is not None and not run.frame.module.is_notebook:
        return Const(str(run.frame.module.path.absolute()))
    if name in BUILTINS:
        return attributes.external(run, f"builtins.{name}")
    return Unknown(("name", name), name)


def module_scope(run: Interpreter) -> Scope:
    """The scope of the module that is running (the outermost one)."""
    scope = _scope(run, run.frame.scope)
    while scope.parent is not None:
        scope = _scope(run, scope.parent)
    return scope


def assign(run: Interpreter, name: str, value: Value, *, walrus: bool = False) -> None:
    """Bind a name in the running scope, or where `global` and `nonlocal` say (`walrus`: outside of comprehensions)."""
    address = run.frame.scope
    scope = _scope(run, address)
    while walrus and scope.kind == "comprehension" and scope.parent is not None:
        address = scope.parent
        scope = _scope(run, address)
    if name in scope.globals_:
        while scope.parent is not None:
            address = scope.parent
            scope = _scope(run, address)
    elif name in scope.nonlocals:
        while scope.parent is not None and (address == run.frame.scope or name not in scope.names):
            address = scope.parent
            scope = _scope(run, address)
    target = run.state.write(address)
    assert isinstance(target, Scope)
    target.names[name] = value


def _scope(run: Interpreter, address: int) -> Scope:
    found = run.state.heap[address]
    assert isinstance(found, Scope)
    return found


def delete(run: Interpreter, name: str) -> None:
    target = run.state.write(run.frame.scope)
    assert isinstance(target, Scope)
    target.names.pop(name, None)


def declare(run: Interpreter, node: tree.Global | tree.Nonlocal) -> None:
    """`global` and `nonlocal` statements."""
    target = run.state.write(run.frame.scope)
    assert isinstance(target, Scope)
    if isinstance(node, tree.Global):
        target.globals_ = target.globals_ | set(node.names)
    else:
        target.nonlocals = target.nonlocals | set(node.names)


# --- imports ---------------------------------------------------------------------------------------------------------


def import_modules(run: Interpreter, node: tree.Import) -> None:
    """`import a.b as c, d`."""
    for alias in node.names:
        local = _local_module(run, alias.name, 0)
        top = alias.name.partition(".")[0]
        if local is not None:
            if alias.asname is None and "." in alias.name:
                package = _local_module(run, top, 0)
                value: Value = package if package is not None else Unknown(("module", top), top)
                _hang_in(run, value, alias.name, local)
            else:
                value = local
        else:
            value = External(alias.name if alias.asname is not None else top)
            absent = run.library.absent(run, alias.name, (), run.site(node), "import")
            value = absent.get("", value) if alias.asname is not None else value
        assign(run, alias.asname or top, value)


def _hang_in(run: Interpreter, package: Value, name: str, module: Ref) -> None:
    """Make `import a.b` reachable as attribute b of package a."""
    if isinstance(package, Ref):
        target = run.state.write(package)
        if isinstance(target, Scope):
            target.names[name.rpartition(".")[2]] = module


def import_from(run: Interpreter, node: tree.ImportFrom) -> None:
    """`from module import names`."""
    module = node.module or ""
    local = _local_module(run, module, node.level)
    absent: dict[str, Value] = {}
    if local is None and not node.level:
        names = tuple(alias.name for alias in node.names)
        absent = run.library.absent(run, module, names, run.site(node), "from")
    for alias in node.names:
        if alias.name == "*":
            _import_star(run, module, local, node.level)
            continue
        if local is not None:
            value = _member(run, local, alias.name, module, node.level)
        elif node.level:
            submodule = _local_module(run, f"{module}.{alias.name}".lstrip("."), node.level)
            value = submodule or Unknown(("import", module, alias.name), alias.name)
        else:
            found = absent.get(alias.name)
            value = found if found is not None else attributes.external(run, f"{module}.{alias.name}")
        assign(run, alias.asname or alias.name, value)


def _member(run: Interpreter, local: Ref, name: str, module: str, level: int) -> Value:
    scope = run.state.read(local)
    assert isinstance(scope, Scope)
    found = scope.names.get(name)
    if found is None:
        found = _local_module(run, f"{module}.{name}".lstrip("."), level)
    if found is None and scope.stars:
        found = _outside(run, name, scope.stars)
    return found if found is not None else Unknown(("import", module, name), name)


def _import_star(run: Interpreter, module: str, local: Ref | None, level: int) -> None:
    target = run.state.write(run.frame.scope)
    assert isinstance(target, Scope)
    if local is None:
        target.stars = (*target.stars, module) if not level else target.stars
        return
    scope = run.state.read(local)
    assert isinstance(scope, Scope)
    target.names.update({k: v for k, v in scope.names.items() if not k.startswith("_")})
    target.stars = (*target.stars, *scope.stars)


def _local_module(run: Interpreter, name: str, level: int) -> Ref | None:
    """The scope of one of the program's own modules, run when it is first imported."""
    if not name and not level:
        return None
    source = run.loader.load(name, level, run.frame.module)
    return run_module(run, source) if source is not None else None


def run_module(run: Interpreter, source: SourceModule) -> Ref:
    """Run a module unless that has been done (a cycle sees what is there so far)."""
    from lstmlint.interpreter import statements
    from lstmlint.interpreter.interpreter import Frame

    key = str(source.path or source.name)
    known = run.modules.get(key)
    if known is not None and known.address in run.state.heap:  # else it was run on a path that has been left
        return known
    address = run.new_scope(None, "module")
    ref = Ref(address, "module")
    run.modules[key] = ref
    saved, run.target_name = run.target_name, None
    run.frames.append(Frame(source, address))
    before = run.state.fork()
    alive = statements.run_block(run, source.tree.body)
    run.frames.pop()
    run.target_name = saved
    if not alive:
        run.state = run.halted or before
        run.halted = None
    return ref
