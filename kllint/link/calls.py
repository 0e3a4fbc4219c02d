"""Calls: tensor operations, the project's functions composed by their summaries, and the built-ins that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.findings import Confidence, Span
from kllint.ir import ops
from kllint.ir import program as ir
from kllint.ir.values import NONE, RAISED, Value, render, strip
from kllint.link import build, composed_names, containers, idioms, records, sinks, tensors
from kllint.link.compose import compose
from kllint.link.shape import telling
from kllint.link.tensors import Arguments
from kllint.link.text import folded_text
from kllint.link.words import names_kl, names_loss, words
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from kllint.link.linker import Linker
    from kllint.link.scope import Closure, Environment, Scope

_TRANSPARENT = {
    "compile", "jit", "vmap", "checkpoint_wrapper", "wraps", "autocast", "custom_fwd", "custom_bwd", "remote", "allow_in_graph",
    "script", "pmap", "disable",
}  # fmt: skip
_COLLECTIVES = {
    "gather",
    "gather_for_metrics",
    "all_gather",
    "all_reduce",
    "reduce",
    "pad_across_processes",
    "broadcast",
}
_DEEPEST = 4  # calls that composing a call makes known, and so on: an object's methods may go round for ever
_CALLS_FIRST = {"checkpoint", "map", "tree_map", "apply_along_axis", "pmap"}


class Calls:
    """How one function calls others."""

    linker: Linker
    closure: Closure
    scope: Scope
    names: Environment
    no_gradient: int

    def expression(self, node: ir.Expr) -> Value:
        raise NotImplementedError

    def attribute(self, base: Value, name: str, span: Span) -> Value:
        raise NotImplementedError

    def record(self, use: Use, value: Value, span: Span, confidence: Confidence, label: str) -> None:
        raise NotImplementedError

    def adopt(self, sink: sinks.Sink, value: Value, guards: tuple[Value, ...]) -> None:
        raise NotImplementedError

    def record_target(self, name: str, container: str, value: Value, span: Span) -> None:
        raise NotImplementedError

    def created(self, value: Value) -> Value:
        raise NotImplementedError

    def path(self, node: ir.Expr) -> str | None:
        raise NotImplementedError

    def at(self, node: ir.Expr | ir.Statement) -> Span:
        raise NotImplementedError

    # -- the call expression --------------------------------------------------------------------

    def call(self, node: ir.Call) -> Value:
        """The value of a call expression, with its effects on lists and sinks."""
        span = self.at(node)
        arguments = self.arguments(node, span)
        if isinstance(node.function, ir.Attribute):
            name = node.function.name
            parent = self.parent_method(node.function)
            if parent is not None:
                return self.apply(parent, arguments, name)
            base = self.expression(node.function.base)
            receiver = render(base, 3) if name in sinks.TOLD_BY_RECEIVER else ""
            if self.mutate(node.function, base, arguments):
                return NONE
            self.record_call(name, receiver, base, arguments)
            callee = self.attribute(base, name, self.at(node.function))
        else:
            name = node.function.id if isinstance(node.function, ir.Name) else ""
            callee = self.aside(name, arguments) or self.expression(node.function)
            self.record_call(name, "", callee, arguments)
        return self.apply(callee, arguments, name)

    def aside(self, name: str, arguments: Arguments) -> Value | None:
        """What is called by an imported name but has nothing to do with a KL, nor has what it is handed; not looked into."""
        if name in self.names or name in self.closure.captured or any(map(telling, arguments.all())):
            return None
        dotted = self.linker.aside(self.scope, name)
        return Value(ops.EXTERNAL, (), dotted, arguments.span) if dotted is not None else None

    def arguments(self, node: ir.Call, span: Span) -> Arguments:
        positional: list[Value] = []
        keyword: dict[str, Value] = {}
        for argument in node.arguments:
            value = self.expression(argument.value)
            if argument.stars == 2:
                inner = strip(value)
                if inner.op is ops.DICT:
                    keyword.update(
                        {k: v for k, v in zip(inner.data, inner.args, strict=True) if isinstance(k, str)}
                    )
            elif argument.stars == 1:
                inner = strip(value)
                positional.extend(
                    inner.args if inner.op in {ops.TUPLE, ops.LIST} else (build.elements(value, span),)
                )
            elif argument.keyword is not None:
                keyword[argument.keyword] = value
            else:
                positional.append(value)
        return Arguments(tuple(positional), keyword, span)

    def parent_method(self, node: ir.Attribute) -> Value | None:
        """`super().name`, looked up behind the class that defines the running method."""
        base = node.base
        if not (
            isinstance(base, ir.Call) and isinstance(base.function, ir.Name) and base.function.id == "super"
        ):
            return None
        owner, receiver = self.closure.owner, self.closure.receiver
        if owner is None or receiver is None:
            return None
        lineage = receiver.lineage
        behind = lineage[lineage.index(owner) + 1 :] if owner in lineage else owner.lineage[1:]
        for one in behind:
            if node.name in one.methods:
                bound = Value(ops.OBJECT, (), receiver)
                return self.linker.method(one, one.methods[node.name], receiver=receiver, bound=bound)
        return None

    def mutate(self, node: ir.Attribute, base: Value, arguments: Arguments) -> bool:
        """`xs.append(value)` and `d.update(other)` change what the name holds."""
        path = self.path(node.base)
        inner = strip(base)
        if path is None or not arguments.positional:
            return False
        value = arguments.positional[0]
        if node.name in {"append", "extend"} and inner.op in {ops.LIST, ops.ANY, ops.SYMBOL, ops.FILLED}:
            added = value if node.name == "append" else build.elements(value)
            old = inner.args if inner.op is ops.LIST else ()
            if len(old) < 8:
                self.names[path] = Value(
                    ops.LIST, (Value(ops.ANY, (*containers.flat(old), added)),), None, base.span
                )
            self.record_target(path.split(".")[-1], "", added, arguments.span)
            self.record_call(node.name, path, base, arguments)
            return True
        if node.name in {"set", "set_", "__setitem__", "setdefault"} and len(arguments.positional) > 1:
            key = arguments.positional[0]
            if key.op is ops.CONSTANT and isinstance(key.data, str):
                self.names[f"{path}[{key.data!r}]"] = arguments.positional[1]
                self.record_target(key.data, path, arguments.positional[1], arguments.span)
                return True
        if node.name == "update" and strip(value).op is ops.DICT:
            other = strip(value)
            for name, entry in zip(other.data, other.args, strict=True):
                if isinstance(name, str):
                    self.names[f"{path}[{name!r}]"] = entry
                    self.record_target(name, path, entry, arguments.span)
            return True
        return False

    def record_call(self, name: str, receiver: str, base: Value, arguments: Arguments) -> None:
        use = sinks.of_call(name, receiver)
        if use is None:
            if name == "grad" and receiver.endswith("autograd") and arguments.positional:
                self.record(
                    Use.LOSS, arguments.positional[0], arguments.span, Confidence.HIGH, "autograd.grad"
                )
            return
        values = [*arguments.positional, *arguments.keyword.values()]
        if name in {"item", "tolist"} or (use is Use.LOSS and build.is_tensor(base)):
            values = [base]
        elif use is Use.LOSS:
            values = [_unscaled(base) or base, *values]
        confidence = Confidence.HIGH if use is Use.LOSS else Confidence.MEDIUM
        for value in values:
            for one in containers.parts(value):
                self.record(use, one, arguments.span, confidence, f"{name}()")

    # -- applying a value -----------------------------------------------------------------------

    def apply(self, callee: Value, arguments: Arguments, name: str) -> Value:
        """The value of calling `callee`; what is not known stays an unresolved call."""
        inner = strip(callee)
        match inner.op:
            case ops.FUNCTION | ops.METHOD:
                known = idioms.called(inner.data.definition.name, arguments)
                return self.created(known) if known is not None else self.inline(inner, arguments)
            case ops.CLASS:
                return self.construct(inner, arguments)
            case ops.OBJECT:
                return self.call_object(inner, arguments)
            case ops.PARTIAL:
                bound = Arguments(
                    (*inner.args[1:], *arguments.positional),
                    {**inner.data, **arguments.keyword},
                    arguments.span,
                )
                return self.apply(inner.args[0], bound, name)
            case ops.CHOICE:
                condition, then, otherwise = inner.args
                sides = self.apply(then, arguments, name), self.apply(otherwise, arguments, name)
                return build.choice(condition, *sides, arguments.span)
            case ops.RAISED:
                return RAISED
            case ops.EXTERNAL:
                return self.external(inner, arguments)
            case ops.ATTRIBUTE:
                return self.method_call(inner, arguments)
            case ops.PARAMETER:
                known = idioms.called(inner.data[1], arguments)
                return self.created(known) if known is not None else self.unresolved(callee, arguments)
            case ops.SYMBOL:
                return self.builtin(inner.data, inner, arguments)
        return self.unresolved(callee, arguments)

    def unresolved(self, callee: Value, arguments: Arguments) -> Value:
        if callee.op in {ops.EXTERNAL, ops.SYMBOL}:
            self.record_outputs(str(callee.data).rpartition(".")[2], arguments)
        keywords = (*(None for _ in arguments.positional), *arguments.keyword)
        values = (callee, *arguments.positional, *arguments.keyword.values())
        return Value(ops.CALL, values, keywords, arguments.span)

    def method_call(self, callee: Value, arguments: Arguments) -> Value:
        base, name = callee.args[0], callee.data
        text = folded_text(name, base, arguments)
        if text is not None:
            return text
        entry = containers.method(name, base, arguments)
        if entry is not None:
            return entry
        if name in _COLLECTIVES and arguments.positional and not build.is_tensor(base):
            return Value(ops.SAME, (arguments.positional[0],), name, arguments.span)
        known = tensors.method(name, base, arguments) or idioms.called(name, arguments)
        return self.created(known) if known is not None else self.unresolved(callee, arguments)

    def external(self, callee: Value, arguments: Arguments) -> Value:
        dotted: str = callee.data
        root, _, last = dotted.partition(".")[0], None, dotted.rpartition(".")[2]
        if last == "partial":
            return self.partial(arguments)
        if (record := records.called(dotted, arguments)) is not None:
            return record
        if last == "TensorDict" and arguments.positional and strip(arguments.positional[0]).op is ops.DICT:
            return strip(arguments.positional[0])
        if last == "KLDivLoss":
            target = Value(ops.EXTERNAL, (), "torch.nn.functional.kl_div")
            return Value(ops.PARTIAL, (target,), dict(arguments.keyword), arguments.span)
        if last in _TRANSPARENT and arguments.positional:
            return arguments.positional[0]
        if last in _CALLS_FIRST and arguments.positional:
            rest = Arguments(arguments.positional[1:], {}, arguments.span)
            if strip(arguments.positional[0]).op in {ops.FUNCTION, ops.METHOD, ops.PARTIAL}:
                return self.apply(arguments.positional[0], rest, last)
        if dotted == "asyncio.gather" and arguments.positional:
            return containers.gathered(arguments)
        if last in _COLLECTIVES and root not in {*tensors.ROOTS, "functools"} and arguments.positional:
            return Value(ops.SAME, (arguments.positional[0],), last, arguments.span)
        if root in tensors.ROOTS or last == "kl_divergence":
            known = tensors.function(last, arguments)
            if known is not None:
                self.note_shape(known, arguments)
                return self.created(known)
        if "zip" in words(last):
            return self.builtin("zip", callee, arguments)
        known = idioms.called(last, arguments)
        return self.created(known) if known is not None else self.unresolved(callee, arguments)

    def note_shape(self, known: Value, arguments: Arguments) -> None:
        """Keeps a KL of which `torch.ones_like(kl)` takes the shape: it may be used for nothing else.

        Zeros are where something is summed up later; ones are multiplied by what was to be penalised.
        """
        if (
            known.op is ops.FILLED
            and known.data
            and arguments.positional
            and names_kl(render(arguments.positional[0], 2))
        ):
            shaped = arguments.positional[0]
            self.record(Use.UNKNOWN, shaped, arguments.span, Confidence.MEDIUM, sinks.SHAPE_ONLY)

    def partial(self, arguments: Arguments) -> Value:
        return Value(ops.PARTIAL, arguments.positional, dict(arguments.keyword), arguments.span)

    # -- the project's own ----------------------------------------------------------------------

    def inline(self, callee: Value, arguments: Arguments) -> Value:
        """The value a function of the project returns for these arguments."""
        closure: Closure = callee.data
        if not self.linker.relevance.changes(closure, arguments.all()):
            return self.unresolved(callee, arguments)
        summary = self.linker.summary(closure)
        if summary is None or self.linker.nested >= _DEEPEST:
            return self.unresolved(callee, arguments)
        bound = callee.args[0] if callee.op is ops.METHOD and callee.args else None
        self.linker.nested += 1
        try:
            return compose(self, summary, arguments, bound)
        finally:
            self.linker.nested -= 1

    def record_outputs(self, name: str, arguments: Arguments) -> None:
        """The fields of an output object: `LossOutput(loss=loss, kl=kl.detach())`."""
        if name[:1].isupper():
            for key, value in arguments.keyword.items():
                self.linker.keep_field(key, name, value)
                if names_loss(key):
                    self.record_target(key, "output", value, arguments.span)

    def construct(self, callee: Value, arguments: Arguments) -> Value:
        if callee.data.is_enumeration and len(arguments.positional) == 1:
            return arguments.positional[0]  # the member of that value
        self.record_outputs(callee.data.name, arguments)
        for field, value in zip(callee.data.made_with, arguments.positional, strict=False):
            self.linker.keep_field(field, callee.data.name, value)
        return records.made(callee.data, arguments)

    def call_object(self, callee: Value, arguments: Arguments) -> Value:
        for name in ("forward", "__call__"):
            found = callee.data.find(name)
            if found is not None:
                method = self.linker.method(*found, receiver=callee.data, bound=callee)
                return self.apply(method, arguments, name)
        return self.unresolved(callee, arguments)

    # -- built-ins ------------------------------------------------------------------------------

    def builtin(self, name: str, callee: Value, arguments: Arguments) -> Value:
        first = arguments.positional[0] if arguments.positional else None
        if first is None:
            if name == "dict":
                return Value(
                    ops.DICT, tuple(arguments.keyword.values()), tuple(arguments.keyword), arguments.span
                )
            if name in {"list", "tuple"}:
                return Value(ops.LIST, (), None, arguments.span)
            return self.unresolved(callee, arguments)
        match name:
            case "getattr" if len(arguments.positional) > 1 and isinstance(arguments.positional[1].data, str):
                return self.attribute(first, arguments.positional[1].data, arguments.span)
            case "getattr" if len(arguments.positional) == 2 and arguments.positional[1].op is ops.FORMAT:
                known = composed_names.looked_up(
                    first, arguments.positional[1], self.attribute, arguments.span
                )
                return known or self.unresolved(callee, arguments)
            case "list" | "tuple" | "sorted" | "reversed" | "iter":
                return first
            case "namedtuple":  # its import is not looked up while the module is being declared
                return records.named_tuple(arguments) or self.unresolved(callee, arguments)
            case "float" | "int":
                return Value(ops.SAME, (first,), name, arguments.span)
            case "abs":
                return self.created(Value(ops.ABS, (first,), None, arguments.span))
            case "sum" if strip(first).op in {ops.LIST, ops.TUPLE}:
                return Value(ops.REDUCE, (build.elements(first, arguments.span),), "sum", arguments.span)
            case _ if "zip" in words(name):
                row = tuple(build.elements(one, arguments.span) for one in arguments.positional)
                return Value(ops.LIST, (Value(ops.ANY, (Value(ops.TUPLE, row),)),), None, arguments.span)
            case "enumerate":
                row = (Value(ops.SYMBOL, (), "i"), build.elements(first, arguments.span))
                return Value(ops.LIST, (Value(ops.ANY, (Value(ops.TUPLE, row),)),), None, arguments.span)
            case "max" | "min" if len(arguments.positional) == 2:
                op = ops.MAX if name == "max" else ops.MIN
                return Value(op, arguments.positional, None, arguments.span)
        known = idioms.called(name, arguments)
        return known if known is not None else self.unresolved(callee, arguments)


def _unscaled(base: Value) -> Value | None:
    """`scaler.scale(loss).backward()`: the loss."""
    inner = strip(base)
    if (
        inner.op is ops.CALL
        and inner.args[0].op is ops.ATTRIBUTE
        and inner.args[0].data == "scale"
        and len(inner.args) > 1
    ):
        return inner.args[1]
    return None
