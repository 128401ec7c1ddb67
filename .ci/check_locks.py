"""Checks without any index that the lock files fit pyproject.toml: every requirement locked, hashed and satisfied."""

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
STACKS = {"requirements.lock": "1.5.", "requirements-duckdb2.lock": "2."}
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
INDEX = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host")


def wanted() -> list[Requirement]:
    """What pyproject.toml asks for, developers' tools and build included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return [Requirement(line) for line in [*named, *project["build-system"]["requires"]]]


def pins(lock: str) -> dict[str, set[str]]:
    """Versions locked by package; one package may have several, by Python version."""
    found: dict[str, set[str]] = {}
    for name, version in PINNED.findall(lock):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def unfit(name: str, lock: str) -> list[str]:
    """What a stack's lock lacks of what pyproject.toml asks for."""
    found = pins(lock)
    mistakes = [
        f"{name}: {requirement} is not satisfied, found {', '.join(sorted(versions)) or 'nothing'}"
        for requirement in wanted()
        if not (versions := found.get(canonicalize_name(requirement.name), set()))
        or not all(requirement.specifier.contains(version, prereleases=True) for version in versions)
    ]
    if not all(version.startswith(STACKS[name]) for version in found.get("duckdb", {"none"})):
        mistakes.append(f"{name}: duckdb is not {STACKS[name]}x")
    return mistakes


def careless(name: str, lock: str) -> list[str]:
    """What no lock may hold: the address of an index, a version without hashes."""
    mistakes = [f"{name}: names an index ({found[0]})" for found in [INDEX.search(lock)] if found]
    blocks = re.split(r"\n(?=\S)", lock)
    return mistakes + [
        f"{name}: no hash for {block.split()[0]}" for block in blocks if "==" in block and "--hash=" not in block
    ]


def main() -> int:
    locks = {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("requirements*.lock"))}
    mistakes = [f"{name}: is missing" for name in STACKS if name not in locks]
    for name, lock in locks.items():
        mistakes += careless(name, lock) + (unfit(name, lock) if name in STACKS else [])
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    if mistakes:
        print("to do: make lock", file=sys.stderr)
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
