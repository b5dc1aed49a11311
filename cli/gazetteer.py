"""The command `gazetteer`: identifiers, coordinates and names of places, from GeoNames and the CLDR."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.options import FINDINGS, FORMAT, PROJECT, ProgressLines

if TYPE_CHECKING:
    from pathlib import Path

_SIZES = ("500", "1000", "5000", "15000")


@click.command()
@PROJECT
@click.option(
    "--inhabitants",
    type=click.Choice(_SIZES),
    default=_SIZES[0],
    show_default=True,
    help="Which of the package's lists of cities to look in: of how many inhabitants on.",
)
@FORMAT
@click.option("--quiet", is_flag=True, help="Say nothing on standard error while at work.")
def gazetteer(project: Path, inhabitants: str, form: str, *, quiet: bool) -> None:
    """Match the registry's countries and cities with GeoNames, and write data/gazetteer/geonames.yaml.

    \b
      parkgraph gazetteer                      match, write, and list what is doubtful
      parkgraph gazetteer --inhabitants 15000  look among larger cities alone: quicker, fewer namesakes

    A match is written only where one feature alone has the kind, a name and the stated country of a place. All
    others are listed; a person decides by a record with sameAs and editorialNote in the file, which every later run
    keeps. Exits with 1 while a place is undecided.
    """
    from cli.reporting import report
    from core.files import write_text
    from core.problems import Severity
    from core.wording import LANGUAGES
    from curate.gazetteer import entities, match
    from curate.gazetteer_file import NAME, decisions, render
    from curate.geonames import GeoNames

    progress = ProgressLines(quiet=quiet)
    path = project / NAME
    places, decided = entities(project), decisions(path)
    progress(f"{len(places)} places in the registry")
    geonames = GeoNames({text for place in places.values() for _, text in place.names}, int(inhabitants))
    result = match(places, decided, geonames)
    features = result.matched | result.decided
    labelled = {name: places[name].labelled if name in places else set() for name in features}
    labels = {
        name: geonames.labels(feature, [known for known in LANGUAGES if known not in labelled[name]])
        for name, feature in features.items()
    }
    text = render(features, decided, labels, geonames.version)
    changed = not path.exists() or path.read_text(encoding="utf-8") != text
    if changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    doubtful = [finding for finding in result.findings if finding.severity is Severity.WARNING]
    progress(
        f"{NAME} {'written' if changed else 'is as it was'}: {len(result.matched)} matched, {len(decided)} decided, "
        f"{len(doubtful)} doubtful"
    )
    report(result.findings, form)
    if doubtful:
        raise click.exceptions.Exit(FINDINGS)
