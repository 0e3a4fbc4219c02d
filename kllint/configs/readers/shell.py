"""Launch scripts: every command with its arguments, as far as the script itself tells what they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kllint.configs.readers import arguments
from kllint.configs.readers.chars import OPAQUE, Chars, opaque, together
from kllint.configs.readers.shell_words import (
    Heredoc,
    Lexer,
    Literal,
    Mark,
    Opaque,
    Part,
    Token,
    Variable,
    Word,
)
from kllint.configs.readers.tree import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.configs.setting import Unit

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=(.*)", re.DOTALL)
DECLARES = frozenset({"export", "local", "declare", "readonly", "typeset"})
OPENS = frozenset({"if", "for", "while", "until", "case", "select", "{"})
CLOSES = frozenset({"fi", "done", "esac", "}"})
KEYWORDS = OPENS | CLOSES | {"then", "do", "else", "elif", "!", "time", "function"}
RUNS_SCRIPTS = frozenset(
    {"bash", "sh", "zsh", "srun", "sbatch", "ssh", "docker", "ray", "tmux", "nohup", "kubectl"}
)
SHELLS = frozenset({"bash", "sh", "zsh", "sbatch", "ssh", "srun", "qsub"})
ITEM = re.compile(r"[\w.+-]+")
LONGEST = 200_000
LONGEST_VALUE = 20_000
NESTED = 3


def units(chars: Chars, path: str) -> Iterator[Unit]:
    """The commands of a script that have arguments; raises `Malformed` where it is no script at all."""
    if len(chars.text) > LONGEST:
        raise Malformed("too long for a launch script")
    yield from _Script(path, {}).run(chars)


class _Script:
    """Walks through a script from top to bottom and keeps the values of its variables."""

    def __init__(self, path: str, variables: dict[str, list[Chars]], nested: int = 0) -> None:
        self.path = path
        self.variables = variables
        self.nested = nested
        self.depth = 0  # of if, for, while and case: what is assigned there may not be
        self.command: list[Word] = []
        self.last: list[Chars] = []  # the fields of the last command, and the file it writes to
        self.target = ""

    def run(self, chars: Chars) -> Iterator[Unit]:
        tokens = Lexer(chars).tokens()
        for token in tokens:
            if token is Mark.OPEN and self.command and _plain(self.command[-1]).endswith("="):
                self._array(self.command.pop(), tokens)
            elif token is Mark.REDIRECT:
                word = next(tokens, ())
                self.target = self._joined(word).text if isinstance(word, tuple) else ""
            elif isinstance(token, Mark):
                yield from self._flush()
            elif isinstance(token, Heredoc):
                yield from self._heredoc(token.chars)
            else:
                self.command.append(token)

    def _flush(self) -> Iterator[Unit]:
        words, self.command = self.command, []
        while words and _plain(words[0]) in KEYWORDS:
            keyword = _plain(words.pop(0))
            self.depth += (keyword in OPENS) - (keyword in CLOSES)
            if keyword in {"for", "select"} and words:
                items = [field for word in words[2:] for field in self._fields(word)]
                self.variables[_plain(words[0])] = [_any_of(items)]
                return
        declares = bool(words) and _plain(words[0]) in DECLARES
        words = words[1:] if declares or (words and _plain(words[0]) == "env") else words
        while words and self._assign(words[0]):
            words = words[1:]
        if words and not declares:
            yield from self._run_command([field for word in words for field in self._fields(word)])

    def _run_command(self, fields: list[Chars]) -> Iterator[Unit]:
        self.last = fields
        if fields and fields[0].text == "eval":  # its arguments are expanded once more
            yield from self._nested(together(fields[1:], 0))
            return
        if (unit := arguments.unit(fields, self.path)) is not None:
            yield unit
        if fields and fields[0].text.rpartition("/")[2] in RUNS_SCRIPTS:
            yield from (unit for field in fields if " " in field.text for unit in self._nested(field))

    def _nested(self, chars: Chars) -> Iterator[Unit]:
        if self.nested < NESTED:
            yield from _Script(self.path, dict(self.variables), self.nested + 1).run(chars)

    def _heredoc(self, chars: Chars) -> Iterator[Unit]:
        """A script inside the script; other languages are left to those who read the file it goes to."""
        program = self.last[0].text.rpartition("/")[2] if self.last else ""
        if program in SHELLS or self.target.endswith((".sh", ".slurm", ".sbatch")):
            yield from self._nested(chars)

    def _assign(self, word: Word) -> bool:
        """Take `NAME=value` or `NAME+=value` into account; False for any other word."""
        if (
            not word
            or not isinstance(word[0], Literal)
            or not (name := ASSIGNMENT.fullmatch(word[0].chars.text))
        ):
            return False
        value = (Literal(word[0].chars.cut(name.start(3))), *word[1:])
        self._bind(name[1], [self._joined(value)], add=bool(name[2]))
        return True

    def _array(self, word: Word, tokens: Iterator[Token]) -> None:
        name = _plain(word)
        items: list[Chars] = []
        for token in tokens:
            if token is Mark.CLOSE:
                break
            items += self._fields(token) if isinstance(token, tuple) else []
        self._bind(name.rstrip("+="), items, add=name.endswith("+="), array=True)

    def _bind(self, name: str, value: list[Chars], *, add: bool, array: bool = False) -> None:
        known = self.variables.get(name)
        if add and known is not None:
            value = [*known, *value] if array else [known[0].plus(value[0])] if known else value
        elif self.depth and known is not None and [v.text for v in known] != [v.text for v in value]:
            if any(
                OPAQUE in item.text for item in value
            ):  # an argument of the script may replace the default
                return
            value = [opaque(0)]  # one of two branches, and nobody can tell which
        long = sum(len(item.text) + 1 for item in value) > LONGEST_VALUE
        self.variables[name] = [opaque(0)] if long else value

    def _joined(self, word: Word) -> Chars:
        """The value of a word that is not split."""
        joined = Chars()
        for part in word:
            joined = joined.plus(self._value(part))
            if len(joined.text) > LONGEST_VALUE:  # X=$X$X, again and again
                return opaque(joined.at[0])
        return joined

    def _value(self, part: Part) -> Chars:
        if isinstance(part, Literal):
            return part.chars
        if isinstance(part, Opaque):
            return opaque(part.at)
        return together(self._items(part), part.at)

    def _items(self, variable: Variable) -> list[Chars]:
        """The value of a variable: the items of an array, or one."""
        known = self.variables.get(variable.name)
        if known is not None:
            return known
        if variable.fallback is None:
            return [opaque(variable.at)]
        value = [self._joined(variable.fallback)]
        if variable.keeps:
            self._bind(variable.name, value, add=False)
        return value

    def _fields(self, word: Word) -> list[Chars]:
        """The fields that a word expands to: unquoted variables are split, arrays are spread."""
        fields = [Chars()]
        for part in word:
            if not isinstance(part, Variable) or (part.quoted and not part.array):
                pieces = [self._value(part)]
            elif part.quoted:
                pieces = self._items(part)
            else:
                pieces = [piece for item in self._items(part) for piece in item.split()]
            if pieces and len(fields) < LONGEST_VALUE and len(fields[-1].text) < LONGEST_VALUE:
                fields[-1] = fields[-1].plus(pieces[0])
                fields += pieces[1:]
        return [field for field in fields if field.text] or [Chars()]


def _any_of(items: list[Chars]) -> Chars:
    """The value of a loop's variable: a sweep over the items, as Hydra writes one."""
    texts = [item.text for item in items]
    if not texts or not all(map(ITEM.fullmatch, texts)):
        return opaque(0)
    swept = f"choice({','.join(texts)})" if len(texts) > 1 else texts[0]
    return Chars(swept, [items[0].at[0]] * len(swept))


def _plain(word: Word) -> str:
    """A word of nothing but one literal; empty for any other."""
    return word[0].chars.text if len(word) == 1 and isinstance(word[0], Literal) else ""
