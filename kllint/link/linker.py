"""The project index: what its modules define, and one summary a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.fence import Fence
from kllint.ir import ops
from kllint.ir import program as ir
from kllint.ir.values import NONE, Value, constant
from kllint.link.compose import Summary
from kllint.link.frame import JUMPED, PENDING, Frame, detached, replace
from kllint.link.modules import Modules
from kllint.link.relevance import Relevance, called
from kllint.link.scope import ClassRef, Closure, Scope, without_gradient
from kllint.link.shape import holds_kl, outgrown
from kllint.link.words import names_kl, names_metrics
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from kllint.link.module_index import ModuleIndex
    from kllint.link.scope import Environment

_HELD = {
    ops.OBJECT,
    ops.FUNCTION,
    ops.METHOD,
    ops.CLASS,
    ops.PARTIAL,
    ops.PARAMETER,
    ops.ATTRIBUTE,
    ops.DICT,
    ops.ITEM,
    ops.EXTERNAL,
}


_ACTING = {ops.CALL, ops.ATTRIBUTE}  # a function that was passed is called, a property of an object is read


class Linker(Modules):
    """Everything known about the project while it is being judged."""

    def __init__(
        self,
        index: ModuleIndex,
        load: Callable[[str], ir.Module | None],
        read: Callable[[str], bytes],
        fence: Fence | None = None,
        uses: Collection[Use] = frozenset(Use),
    ) -> None:
        """`load` lowers a path (None when it cannot be read), `read` gives its bytes.

        Sinks of other `uses` than those asked for need not be followed.
        """
        super().__init__(index, load, Relevance(read), fence or Fence())
        self.read = read
        self.uses = uses
        self.summaries: dict[int, Summary | None] = {}
        self.closures: list[Closure] = []
        self.methods: dict[tuple[int, int], Closure] = {}
        self.attributes: dict[int, dict[str, Value]] = {}
        self.notes: dict[int, list[tuple[Value, tuple[Value, ...]]]] = {}
        self.fields: dict[str, list[Value]] = {}
        self.acting: dict[int, bool] = {}
        self.nested = 0  # how many calls are being composed inside each other

    # -- declarations ---------------------------------------------------------------------------

    def declare_all(self, scope: Scope, body: Iterable[ir.Statement]) -> None:
        for statement in body:
            self.declare_top(scope, statement)

    def declare_top(self, scope: Scope, statement: ir.Statement) -> None:
        """Declares what a top-level statement binds, also under `if` and `try`."""
        match statement:
            case ir.If():
                for inner in (*statement.orelse, *statement.body):
                    self.declare_top(scope, inner)
            case ir.Try():
                for inner in (*statement.body, *statement.orelse):
                    self.declare_top(scope, inner)
            case _:
                self.declare(scope, statement, scope.names)

    def declare(self, scope: Scope, node: ir.Statement, names: Environment) -> None:
        """Binds the name that an import, a definition or a constant introduces."""
        match node:
            case ir.Import():
                self.declare_import(scope, node, names)
            case ir.Function():
                closure = Closure(node.name, node, scope, {})
                self.register(closure)
                names[node.name] = Value(ops.FUNCTION, (), closure)
            case ir.Class():
                frame = Frame(self, Closure(node.name, _EMPTY, scope, {}), names)
                names[node.name] = Value(ops.CLASS, (), ClassRef(node.name, node, scope, frame.expression))
            case ir.Assign(value=value) if names is scope.names and self.is_table(value):
                frame = Frame(self, Closure("<module>", _EMPTY, scope, {}), names)
                frame.assign(node)

    @staticmethod
    def is_table(node: ir.Expr) -> bool:
        """Whether a module constant is worth knowing: a literal, a table of functions, an alias.

        An empty table is a registry: what is in it is known only to those who fill it.
        """
        if isinstance(node, ir.Mapping | ir.Sequence) and not node.items:
            return False
        return isinstance(
            node, ir.Literal | ir.Mapping | ir.Name | ir.Function | ir.Sequence | ir.Attribute
        ) or (isinstance(node, ir.Call) and isinstance(node.function, ir.Name | ir.Attribute))

    # -- functions ------------------------------------------------------------------------------

    def register(self, closure: Closure) -> None:
        """Numbers a function, so that its parameters have names of their own."""
        closure.number = len(self.closures) + 1
        self.closures.append(closure)

    def method(self, owner: ClassRef, node: ir.Function, *, receiver: ClassRef, bound: Value | None) -> Value:
        """A method of a class, bound to an object or not."""
        key = (id(node), id(receiver))
        closure = self.methods.get(key)
        if closure is None:
            closure = Closure(f"{owner.name}.{node.name}", node, owner.scope, {}, owner, receiver)
            self.register(closure)
            self.methods[key] = closure
        if bound is None or _is_static(node):
            return Value(ops.FUNCTION, (), closure)
        return Value(ops.METHOD, (bound,), closure)

    def keep_field(self, name: str, container: str, value: Value) -> None:
        """Remembers what is stored under a KL's name in a batch or object, for whoever reads it back."""
        if names_kl(name) and not names_metrics(container) and "/" not in name:
            self.fields.setdefault(name, []).append(value)

    def note(self, closure: Closure, value: Value, guards: tuple[Value, ...]) -> None:
        """Remembers a value that a function's own text computes, and the conditions around it."""
        self.notes.setdefault(closure.number, []).append((value, guards))

    def summary(self, closure: Closure) -> Summary | None:
        """What a function does; None while it is being found out (recursion) or when it is too large."""
        number = closure.number
        if number not in self.summaries:
            self.summaries[number] = None
            path = closure.scope.path
            self.summaries[number] = self.fence.within(path, lambda: self.summarise(closure), None)
        found = self.summaries[number]
        return None if found is None or outgrown(found.returns) else found

    def default(self, parameter: Value) -> Value | None:
        """The default of a parameter of a function that has been summarised."""
        number, name = parameter.data
        summary = self.summaries.get(number)
        return summary.defaults.get(name) if summary is not None else None

    def summarise(self, closure: Closure) -> Summary:
        frame = Frame(self, closure, {})
        definition = closure.definition
        defaults: dict[str, Value] = {}
        for position, parameter in enumerate(definition.parameters):
            if parameter.default is not None:
                defaults[parameter.name] = frame.expression(parameter.default)
            is_self = (
                position == 0
                and closure.receiver is not None
                and closure.owner is not None
                and not _is_static(definition)
            )
            frame.names[parameter.name] = (
                Value(ops.OBJECT, (), closure.receiver)
                if is_self
                else Value(ops.PARAMETER, (), (closure.number, parameter.name))
            )
        frame.no_gradient = int(without_gradient(definition))
        result = frame.block(definition.body)
        returns = NONE if result is None else replace(replace(result, PENDING, NONE), JUMPED, NONE)
        if frame.no_gradient:
            returns = detached(returns)
        return Summary(closure, returns, tuple(frame.sinks), frame.writes, defaults, bool(frame.no_gradient))

    def acts(self, value: Value) -> bool:
        """Whether a call may be found in a value once its parameters are known, and with it further sinks."""
        stack = [value]
        while stack:
            node = stack[-1]
            if node.number in self.acting or not node.open:
                stack.pop()
                continue
            missing = [arg for arg in node.args if arg.open and arg.number not in self.acting]
            if missing and node.op not in _ACTING:
                stack.extend(missing)
                continue
            parts = (self.acting[arg.number] for arg in node.args if arg.open)
            self.acting[node.number] = node.op in _ACTING or any(parts)
        return self.acting.get(value.number, False)

    def held_attribute(self, reference: ClassRef, name: str) -> Value | None:
        """What `self.name` holds after construction, where that is worth knowing."""
        table = self.attributes.get(id(reference))
        if table is None:
            table = self.attributes[id(reference)] = {}
            for owner in reversed(reference.lineage):
                constants = {k: v for k, v in owner.constants.items() if isinstance(v, ir.Literal)}
                table.update(
                    {k: constant(v.value) for k, v in constants.items() if isinstance(v, ir.Literal)}
                )
            constructors = [
                self.method(*found, receiver=reference, bound=None).data
                for found in self.constructors(reference)
            ]
            if any(self.summaries.get(one.number, one) is None for one in constructors):
                del self.attributes[
                    id(reference)
                ]  # asked while an object is constructed: nothing is held yet
            for constructor in constructors:
                if not self.relevance.changes(constructor, ()):
                    continue
                summary = self.summary(constructor)
                written = summary.writes if summary is not None else {}
                table.update({k: v for k, v in written.items() if _worth_holding(v)})
        return table.get(name)

    @staticmethod
    def constructors(reference: ClassRef) -> list[tuple[ClassRef, ir.Function]]:
        """The methods that set a new object's attributes."""
        found = map(reference.find, ("__init__", "__post_init__", "setup"))
        return [one for one in found if one is not None]

    def roots(self, scopes: Iterable[Scope]) -> list[Closure]:
        """Every function of the modules, methods with their own class as receiver, and the modules' bodies."""
        found: list[Closure] = []
        for scope in scopes:
            program = tuple(
                s for s in scope.program.body if not isinstance(s, ir.Function | ir.Class | ir.Import)
            )
            body = Closure("", ir.Function("", (), program, (), 0, 0), scope, {})
            self.register(body)
            found.append(body)
            for statement in scope.program.body:
                found.extend(self.defined(scope, statement))
        return found

    def relevant(self, roots: Sequence[Closure]) -> Iterator[Closure]:
        """Those of some functions that may have to do with a KL; each is to be summarised before the next is asked for."""
        self.relevance.names_of(roots)
        found = [one for one in roots if self.asks_for(one)]
        rest = roots
        while found:
            yield from found
            taken = {one.number for one in found}
            rest = [one for one in rest if one.number not in taken]
            open_ended = frozenset(called(one) for one in found if self.hands_on(one))
            found = [one for one in rest if self.relevance.mentions(one, open_ended)]

    def asks_for(self, closure: Closure) -> bool:
        """Whether a function is worth a summary for its own sake: the inventory asks for more than the judge."""
        judged_alone = len(self.uses) < len(Use)
        return self.relevance.ends(closure) if judged_alone else self.relevance.hints(closure)

    def hands_on(self, closure: Closure) -> bool:
        """Whether a function has sinks for a KL that depend on what it is handed: then its callers have them as well."""
        summary = self.summaries.get(closure.number)
        return summary is not None and any(
            sink.use in self.uses and sink.value.open and holds_kl(sink.value) for sink in summary.sinks
        )

    def defined(self, scope: Scope, statement: ir.Statement) -> list[Closure]:
        match statement:
            case ir.Function():
                value = scope.names.get(statement.name)
                is_it = value is not None and value.op is ops.FUNCTION and value.data.definition is statement
                return [value.data] if is_it and value is not None else []
            case ir.Class():
                value = scope.names.get(statement.name)
                if value is None or value.op is not ops.CLASS or value.data.definition is not statement:
                    return []
                reference: ClassRef = value.data
                nodes = reference.methods.values()
                return [self.method(reference, node, receiver=reference, bound=None).data for node in nodes]
            case ir.If():
                return [
                    one
                    for inner in (*statement.body, *statement.orelse)
                    for one in self.defined(scope, inner)
                ]
            case ir.Try():
                return [
                    one
                    for inner in (*statement.body, *statement.orelse)
                    for one in self.defined(scope, inner)
                ]
        return []


_EMPTY = ir.Function("", (), (), (), 0, 0)


def _is_static(node: ir.Function) -> bool:
    return any(isinstance(d, ir.Name) and d.id == "staticmethod" for d in node.decorators)


def _worth_holding(value: Value) -> bool:
    inner = value
    while inner.op in {ops.NAMED, ops.CALLED, ops.SAME}:
        inner = inner.args[0]
    if inner.op is ops.CHOICE:
        return all(_worth_holding(arg) or arg.op is ops.CONSTANT for arg in inner.args[1:])
    return inner.op in _HELD
