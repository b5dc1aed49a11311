"""Known vulnerabilities of what requirements.lock and the lock files of npm pin: `make audit`.

Exit code 0: everything was looked up, and nothing is known; 1: something is; 3: something could not be looked up,
because the registry that knows does not answer, or does not know the package. Each case is told in a line.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PIP_AUDIT = ROOT / ".venv" / "audit" / "bin" / "pip-audit"
FOUND, NOT_ASKED = 1, 3
_SECONDS = 600

Finding = tuple[int, str]  # an exit code, and what to tell


def python_findings(report: dict[str, Any]) -> Iterator[Finding]:
    """What a report of pip-audit says."""
    skipped = [package["name"] for package in report["dependencies"] if "skip_reason" in package]
    if skipped:
        yield (
            NOT_ASKED,
            f"{len(skipped)} of {len(report['dependencies'])} packages could not be looked up: {skipped[0]} …",
        )
    for package in report["dependencies"]:
        for known in package.get("vulns", []):
            fixed = ", ".join(known["fix_versions"]) or "no version yet"
            yield FOUND, f"{package['name']} {package['version']}: {known['id']}, fixed in {fixed}"


def npm_findings(report: dict[str, Any]) -> Iterator[Finding]:
    """What a report of npm audit says; one that has no vulnerabilities, not even none, tells why it failed."""
    if "vulnerabilities" not in report:
        yield NOT_ASKED, f"the registry could not be asked: {report.get('message') or report.get('error')}"
    for name, known in report.get("vulnerabilities", {}).items():
        fixed = "a fix is available" if known.get("fixAvailable") else "no fix yet"
        yield FOUND, f"{name} {known['range']}: {known['severity']}, {fixed}"


def report_of(*command: object) -> dict[str, Any]:
    """What a program prints as JSON; its exit code says less. Without JSON, its last line as a message."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, timeout=_SECONDS, cwd=ROOT
    )
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"message": (done.stderr.strip() or "no answer").splitlines()[-1]}
    return report


def audits() -> Iterator[tuple[str, list[Finding]]]:
    """The name of each lock file, and what is known about its packages."""
    audit = (PIP_AUDIT, "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json")
    for lock in ("requirements.lock", "web/node.lock"):
        report = report_of(*audit, "--requirement", lock)
        if "dependencies" in report:
            yield lock, list(python_findings(report))
        else:
            yield lock, [(NOT_ASKED, report["message"])]
    for folder in ("web", "tests/clients"):
        report = report_of(ROOT / "web" / "npm", "--prefix", ROOT / folder, "audit", "--json")
        yield f"{folder}/package-lock.json", list(npm_findings(report))


def main() -> None:
    codes = set[int]()
    for lock, findings in audits():
        sys.stdout.writelines(
            f"{lock}: {text}\n" for _, text in findings or [(0, "nothing is known against its packages")]
        )
        codes |= {code for code, _ in findings}
    raise SystemExit(FOUND if FOUND in codes else max(codes, default=0))


if __name__ == "__main__":
    main()
