"""How light the house is: lines, modules, functions. Run it: ``python -m tests.measures``."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FACES = {".html", ".xml", ".js", ".css"}
# one more way through a function each, as ruff counts
WAYS = (ast.If, ast.For, ast.While, ast.ExceptHandler, ast.match_case)
NOT_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def tracked_files(*folders: str) -> list[Path]:
    """Return what git knows or would take, so that no build of ours is counted."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *folders]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    names = [name for name in listing.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def functions_of(tree: ast.AST) -> list[Function]:
    """Return all functions and methods below ``tree``."""
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def length_of(function: Function) -> int:
    """Return the lines from ``def`` to the last one."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def complexity_of(function: Function) -> int:
    """Return McCabe's number: one, and one for each further way through."""
    return 1 + sum(isinstance(node, WAYS) for node in ast.walk(function))


@dataclass(frozen=True)
class Source:
    """One Python file of the package."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def functions(self) -> list[Function]:
        return functions_of(self.tree)

    @cached_property
    def words(self) -> Counter[str]:
        return Counter(re.findall(r"\w+", self.text))

    @property
    def is_module(self) -> bool:
        """Whether it is read as code; landed migrations are read by their header."""
        return "/versions/" not in self.name

    @cached_property
    def code_lines(self) -> int:
        """Lines that hold code: no blank line, no comment, no docstring."""
        texts: set[int] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                texts |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        lines: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type not in NOT_CODE:
                lines |= set(range(token.start[0], token.end[0] + 1))
        return len(lines - texts)


@dataclass(frozen=True)
class House:
    """The package as it stands in the work tree."""

    sources: tuple[Source, ...]
    face_files: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls) -> House:
        files = tracked_files("cchc_public", "templates")
        texts = {f: f.read_text("utf-8") for f in files if f.suffix in FACES | {".py"}}
        named = [(f.relative_to(ROOT).as_posix(), text) for f, text in texts.items()]
        return cls(
            tuple(Source(name, text) for name, text in named if name.endswith(".py")),
            tuple((name, text) for name, text in named if not name.endswith(".py")),
        )

    @cached_property
    def modules(self) -> list[Source]:
        return [source for source in self.sources if source.is_module]

    @cached_property
    def functions(self) -> list[Function]:
        return [function for module in self.modules for function in module.functions]

    @cached_property
    def used_once(self) -> list[tuple[str, str]]:
        """Functions whose name stands twice in the house, both times in their own module."""
        everywhere: Counter[str] = Counter()
        for source in self.sources:
            everywhere.update(source.words)
        return [
            (module.name, function.name)
            for module in self.modules
            for function in module.functions
            if not function.name.startswith("__")
            and everywhere[function.name] == module.words[function.name] == 2
        ]

    @property
    def used_once_percent(self) -> float:
        return 100 * len(self.used_once) / len(self.functions)

    def describe(self) -> str:
        """Return the measures, one a line."""
        lengths = [length_of(function) for function in self.functions]
        ways = [complexity_of(function) for function in self.functions]
        lines = sum(source.text.count("\n") for source in self.sources)
        code = sum(source.code_lines for source in self.sources)
        faces = sum(text.count("\n") for _, text in self.face_files)
        return (
            f"Python lines {lines}, of them code {code}; templates, scripts, styles {faces}\n"
            f"modules {len(self.modules)}\n"
            f"functions {len(lengths)}: median {at(lengths, 0.5)}, p95 {at(lengths, 0.95)}, "
            f"longest {max(lengths)} lines; complexity p95 {at(ways, 0.95)}, most {max(ways)}\n"
            f"used once, only in their own module: {len(self.used_once)} "
            f"({self.used_once_percent:.1f} %)"
        )


def at(values: Sequence[int], share: float) -> int:
    """Return the value below which ``share`` of all values lie."""
    return sorted(values)[int(share * (len(values) - 1))]


if __name__ == "__main__":
    print(House.read().describe())  # noqa: T201 - printing figures is what it is for
