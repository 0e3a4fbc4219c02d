"""The case harness itself: what a case file says is what is tested."""

from pathlib import Path

from tests.literate import Mark, read

TEXT = """\
# Rule

## First

Two files,
one sentence.

```python title="a/b.py"
x = 1  # KL102, KL401
y = 2  # kllint: ignore[KL102] this is no mark
```

```yaml title="run.yaml"
kl: k3  # KL102 [kl == "k3"]
```

## Second

```python title="c.py"
x = 1  # todo: KL101
y = 2  # todo-ok: KL203
```
"""


def test_cases_are_read(tmp_path: Path):
    source = tmp_path / "rule.md"
    source.write_text(TEXT, "utf-8")
    first, second = read(source)
    assert (first.name, first.sentence) == ("rule: First", "Two files, one sentence.")
    assert first.marks == [
        Mark("a/b.py", 1, "KL102"),
        Mark("a/b.py", 1, "KL401"),
        Mark("run.yaml", 1, "KL102", 'kl == "k3"'),
    ]
    assert second.marks == [Mark("c.py", 1, "KL101", todo=True), Mark("c.py", 2, "KL203")]


def test_files_are_written_with_their_folders(tmp_path: Path):
    source = tmp_path / "rule.md"
    source.write_text(TEXT, "utf-8")
    next(read(source)).write(tmp_path / "out")
    assert (tmp_path / "out" / "a" / "b.py").read_text("utf-8").startswith("x = 1")
