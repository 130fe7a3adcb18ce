"""Every benchmark, or those named: `python -m bench [NAME …] [--quick]`.

Figures are reported as ratios against a baseline in the same run; absolute ones depend on the
machine and what else it does. `bench/README.md` keeps what was found.
"""

from __future__ import annotations

import argparse
import importlib

NAMES = (
    "segmentation",
    "registers",
    "redaction",
    "importing",
    "ranking",
    "judged",
    "searching",
    "engines",
    "ocr",
    "duplicates",
    "checking",
    "clusters",
)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME")
    given = options.parse_args()
    for name in given.names or NAMES:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
