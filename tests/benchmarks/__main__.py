"""``python -m tests.benchmarks``: every measurement in one run."""

from __future__ import annotations

import importlib

MODULES = (
    *("figures", "reading", "serving", "layers", "ratios", "growth", "procedures", "documents"),
    "lighthouse",
)

for name in MODULES:
    print(f"\n== {name}")
    importlib.import_module(f"tests.benchmarks.{name}").main()
