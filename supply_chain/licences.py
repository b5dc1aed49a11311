"""The licences of all that ParkGraph ships or installs, as the page docs/licences.md.

`make licences` writes the page; tests/supply_chain/test_licences.py holds it to the lock files. Python packages are
those that requirements.lock has because of the dependencies and the extras `curate` and `cluster` of pyproject.toml,
the packages of the bundles those that web/package-lock.json does not mark as for development. What is stated about
each is read from its installed metadata, so `make setup` comes first.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"
# Licences that ask for no more than that they are passed on (and, LGPL and MPL, that these packages can be replaced).
ALLOWED = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "LGPL-3.0-only",
        "MIT", "MPL-2.0", "PSF-2.0", "Public-Domain", "W3C", "W3C-20150513", "Zlib",
    }
)  # fmt: skip
# What metadata calls these in words.
NAMES = {
    "Apache Software License": "Apache-2.0",
    "BSD 3-Clause license": "BSD-3-Clause",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "W3C License": "W3C",
}
UNKNOWN = "unknown"
_PINNED = re.compile(r"([a-z0-9-]+)==([^ ;\\]+)(?: ; ([^\\]+))?")
_VIA = re.compile(r"    # (?:via)? +(\S+)")
_SPDX = re.compile(r"[\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*", re.IGNORECASE)
_ELSEWHERE = "sys_platform == 'win32'"  # ParkGraph runs on Linux
_HOMEPAGES = ("homepage", "home", "source", "repository", "source code", "documentation")

HEAD = """\
# Licences

Written by `make licences`. ParkGraph itself is under [Apache-2.0](../LICENSE), its data under CC0 1.0
([why](decisions/0002-licences.md)). Python packages are installed beside ParkGraph, unchanged, from their own wheels,
which carry their texts, and those of what is compiled into them; the texts of the packages in the bundles are served
with them (`licences.txt`). No fonts are shipped.
"""
DATA = """\
## Data

| what | where | licence |
|---|---|---|
| outlines of countries, from Natural Earth | in the bundles, by `world-atlas` | public domain |
| names of languages, numbers and dates, from Unicode CLDR | in `babel` | Unicode-3.0 |
| coordinates and country codes, from [GeoNames](https://www.geonames.org/) | a graph of their own | CC BY 4.0 |
| labels of concepts, from authority tables of the EU | `release/catalog/authorities.ttl` | CC BY 4.0 |
"""


@dataclass(frozen=True)
class Package:
    """A package that is shipped or installed; an expression of SPDX where its metadata has one, else a name."""

    name: str
    version: str
    licence: str
    homepage: str

    @property
    def row(self) -> str:
        name = f"[{self.name}]({self.homepage})" if self.homepage else self.name
        return f"| {name} | {self.version} | {self.licence} |"

    @property
    def is_allowed(self) -> bool:
        """Whether every licence that the expression joins by AND is allowed, and one of those that it joins by OR."""
        return all(
            any(part.strip("() ") in ALLOWED for part in re.split(" OR ", both, flags=re.IGNORECASE))
            for both in re.split(" AND ", self.licence, flags=re.IGNORECASE)
        )


def python_packages(lock: str, roots: set[str]) -> Iterator[tuple[str, str]]:
    """Names and versions of what the lock has because of the roots, which are packages that the project names."""
    versions: dict[str, list[str]] = {}
    needs: dict[str, set[str]] = {}
    name = ""
    for line in lock.splitlines():
        if pinned := _PINNED.match(line):
            name = pinned[1]
            if _ELSEWHERE not in (pinned[3] or ""):
                versions.setdefault(name, []).append(pinned[2])
        elif via := _VIA.match(line):
            needs.setdefault(via[1], set()).add(name)
    wanted = sorted(roots)
    for package in wanted:
        wanted += sorted(needs.get(package, set()) - set(wanted))
    return ((package, version) for package in sorted(wanted) for version in versions.get(package, []))


def roots(project: Mapping[str, Any], extra: str = "") -> set[str]:
    """The packages that [project] of pyproject.toml names as dependencies, or in an extra."""
    named = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {re.split(r"[<>=\[ ]", requirement)[0].lower().replace(".", "-") for requirement in named}


def installed(name: str, version: str) -> Package:
    """What the metadata of the installed package says; `unknown` where it says nothing or is not there."""
    try:
        about: Any = metadata.metadata(name)  # an email.message.Message
    except metadata.PackageNotFoundError:
        return Package(name, version, UNKNOWN, "")
    classifiers = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if c.startswith("License :: ")]
    short = about.get("License") or ""
    short = NAMES.get(short, short)
    stated = about.get("License-Expression") or (short if _SPDX.fullmatch(short) else "")
    licence = stated or " OR ".join(NAMES.get(c, c) for c in classifiers) or UNKNOWN
    addresses = {
        label.lower(): url for label, _, url in (item.partition(", ") for item in about.get_all("Project-URL", []))
    }
    addresses["homepage"] = about.get("Home-page") or addresses.get("homepage", "")
    homepage = next((addresses[label] for label in _HOMEPAGES if addresses.get(label)), "")
    return Package(name, version, re.sub(r"\b(and|or)\b", lambda m: m[0].upper(), licence), homepage)


def bundled(folder: Path) -> Iterator[Package]:
    """The packages of npm that are not for development alone, which are those that bundles are made of."""
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    for path, entry in sorted(lock["packages"].items()):
        if path and not entry.get("dev"):
            about = json.loads((folder / path / "package.json").read_text(encoding="utf-8"))
            name = path.rpartition("node_modules/")[2]
            licence = entry.get("license", UNKNOWN).strip("()")
            yield Package(name, entry["version"], licence, about.get("homepage", ""))


def sections() -> dict[str, list[Package]]:
    """The packages by the heading that they stand under."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    run_time = list(python_packages(lock, roots(project)))
    extras = {
        f"Python packages of the extra `{extra}`": [
            installed(*found) for found in python_packages(lock, roots(project, extra)) if found not in run_time
        ]
        for extra in ("curate", "cluster")
    }
    return {
        "Python packages": [installed(*found) for found in run_time],
        **extras,
        "Packages in the scripts and styles of the pages": list(bundled(ROOT / "web")),
    }


def page(found: Mapping[str, list[Package]]) -> str:
    tables = [
        "\n".join((f"## {heading}", "", "| package | version | licence |", "|---|---|---|", *(p.row for p in packages)))
        for heading, packages in found.items()
    ]
    return "\n\n".join((HEAD.rstrip(), *tables, DATA.rstrip())) + "\n"


def main() -> None:
    """Write the page; exit code 1, and no page, where a licence is unknown or not among those that are allowed."""
    found = sections()
    amiss = [p for packages in found.values() for p in packages if not p.is_allowed]
    for package in amiss:
        sys.stderr.write(
            f"{package.name} {package.version}: licence {package.licence}: read it, and decide on ALLOWED\n"
        )
    if amiss:
        raise SystemExit(1)
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
