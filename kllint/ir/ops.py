"""Operations: what values are made of.

Each is a constant of this module rather than a member of an enumeration, whose look-up takes three times as long.
"""

from __future__ import annotations


class Op:
    """An operation; there is one object of each, and the comment beside it gives its arguments and data."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


CONSTANT = Op("CONSTANT")  # data: the Python constant
SYMBOL = Op("SYMBOL")  # data: its name
PARAMETER = Op("PARAMETER")  # data: (function key, name)
ATTRIBUTE = Op("ATTRIBUTE")  # base; data: name
ITEM = Op("ITEM")  # base, index
CALL = Op("CALL")  # function, arguments...; data: keyword of each argument
NAMED = Op("NAMED")  # value; data: the variable it was bound to
CALLED = Op("CALLED")  # value; data: name of the function that returned it; span: the call
CHOICE = Op("CHOICE")  # condition, value if true, value if false
RAISED = Op("RAISED")  # no value: this path raises
ANY = Op("ANY")  # one of several values, nobody knows which (elements of a list)
TUPLE = Op("TUPLE")
LIST = Op("LIST")
DICT = Op("DICT")  # values...; data: keys (constants or None)
FUNCTION = Op("FUNCTION")  # data: Closure
METHOD = Op("METHOD")  # self; data: Closure
PARTIAL = Op("PARTIAL")  # function, arguments...; data: keywords
CLASS = Op("CLASS")  # data: the project's class
OBJECT = Op("OBJECT")  # constructor arguments...; data: (class, keywords)
EXTERNAL = Op("EXTERNAL")  # data: dotted name of something outside the project
MODULE = Op("MODULE")  # data: the project's module
COMPARE = Op("COMPARE")  # left, right; data: operator
NOT = Op("NOT")
AND = Op("AND")
OR = Op("OR")
ADD = Op("ADD")
SUB = Op("SUB")
MUL = Op("MUL")
DIV = Op("DIV")
POW = Op("POW")
NEG = Op("NEG")
EXP = Op("EXP")
LOG = Op("LOG")
EXPM1 = Op("EXPM1")
LOG1P = Op("LOG1P")
ABS = Op("ABS")
SQRT = Op("SQRT")
SIGN = Op("SIGN")
SIGMOID = Op("SIGMOID")
LOGSIGMOID = Op("LOGSIGMOID")
SOFTPLUS = Op("SOFTPLUS")
MIN = Op("MIN")
MAX = Op("MAX")
CLAMP = Op("CLAMP")  # value, lower or None, upper or None
WHERE = Op("WHERE")  # mask, value if true, value if false
DETACH = Op("DETACH")
REDUCE = Op("REDUCE")  # value, (axes or mask); data: "sum" or "mean"
SAME = Op("SAME")  # value; data: the method: shape, device or type changes
SOFTMAX = Op("SOFTMAX")  # logits
LOG_SOFTMAX = Op("LOG_SOFTMAX")  # logits
GATHER = Op("GATHER")  # values over the vocabulary, index
LOG_PROB = Op("LOG_PROB")  # distribution, sample
CROSS_ENTROPY = Op("CROSS_ENTROPY")  # logits, target: a negative log-prob
KL_DIV = Op("KL_DIV")  # input, target; data: KlDivOptions
KL_DISTRIBUTIONS = Op("KL_DISTRIBUTIONS")  # distribution p, distribution q
FILLED = Op("FILLED")  # shape; data: the number (ones_like, zeros)
CENTRED = Op("CENTRED")  # value; minus a mean that includes itself; data: what it was divided by
FORMAT = Op("FORMAT")  # parts of an f-string
