"""Turns findings into records (docs/record-format.md) that a person can accept, correct or delete.

Every record is valid, where it speaks of a new name with that one's record. What only a person can write is filled with
generic words: of the article's text, a record contains names only.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curate.suggest.amounts import FRACTION, PERCENT, RANK, VAGUE, Amount
from curate.suggest.concepts import nearest
from curate.suggest.findings import AGREEMENTS, EVENTS, MEASURES, Findings, Recogniser
from curate.suggest.lexicon import alternatives
from curate.suggest.names import names
from curate.suggest.speech import PERSON, Speaker, Utterance
from curate.suggest.text import Span
from curate.suggest.unknown import EVENT, PLACE, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from curate.suggest.dates import Dated
    from curate.suggest.lexicon import Lexicon
    from curate.suggest.names import Mention

_BODIES = ("Park", "Organization", "Group")
_FOUNDED = ("Park", "Organization")
_SET = "agreementSet"
_AREAS, _AREA = ("hectare", "squareKilometre", "squareMetre"), "area"
_ABOUT = 3  # entities that a record is suggested to be about, at most
_CLAUSE = 160  # characters before an amount whose words tell the measure
_NAME = 40  # characters of a name in a record, at most
_SURE = 0.5  # part of a measure's label that has to stand in the text
_UNSURE = "no measure of ontology/concepts.ttl fits well, this is the nearest; and is it about this?"
_MONEY = re.compile(r"[A-Z]{3}")  # units of money are named by their code of ISO 4217
_COUNT = re.compile(r"(?i)^(number of|zahl der|anzahl der)\b")

Record = dict[str, Any]


@dataclass(frozen=True)
class Block:
    """One suggestion: its span, a title, hints, and its records. Without records it is a note.

    In a record a Span stands for the name of its passage.
    """

    at: Span
    title: str
    hints: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()


@dataclass(frozen=True)
class Blocks:
    """The suggestions for an article, by kind, each in the order of the text. names: for the registry.

    agreements: and events.
    """

    own: tuple[Record, ...]
    names: list[Block]
    entities: list[Block]
    agreements: list[Block]
    dates: list[Block]
    amounts: list[Block]
    claims: list[Block]


def blocks(findings: Findings, recogniser: Recogniser) -> Blocks:
    """Suggestions for everything that was recognised."""
    maker = _Maker(findings, recogniser)
    return Blocks(
        tuple(maker.own()),
        [maker.name(one) for one in findings.unknown if one.type != EVENT],
        list(maker.entities()),
        [*maker.agreements(), *(maker.event(one) for one in findings.unknown if one.type == EVENT)],
        [maker.date(one) for one in findings.dates.mentioned],
        [maker.amount(one) for one in findings.amounts],
        [maker.claim(one) for one in findings.utterances],
    )


class _Maker:
    def __init__(self, findings: Findings, recogniser: Recogniser) -> None:
        self._found, self._article = findings, findings.article
        self._lexicon: Lexicon | None = self._article.lexicon
        self._tag = self._lexicon.language if self._lexicon else self._article.language
        self._measures = recogniser.labels(MEASURES, self._tag)
        self._events = recogniser.vocabulary(EVENTS, self._tag) if self._lexicon else None
        self._kinds = recogniser.vocabulary(AGREEMENTS, self._tag) if self._lexicon else None
        self._things = [one for one in findings.mentions if one.name.type != PERSON]
        self._agreed: set[Span] = set()  # sentences in which an agreement is signed
        self._known = {name.id for name in names(recogniser.registry)}

    def own(self) -> Iterator[Record]:
        """A record about the article itself, with the date at its head."""
        one = self._found.dates.own
        if one is not None:
            line = self._article.paragraph_at(one.span.start)
            head = line if line.end - line.start <= 2 * _NAME else one.span
            yield {"id": self._article.id, "type": "NewsArticle", "date": one.value, "evidence": [head]}

    def entities(self) -> Iterator[Block]:
        by_id: dict[str, list[Mention]] = {}
        for mention in self._found.mentions:
            by_id.setdefault(mention.id, []).append(mention)
        for identity, mentions in by_id.items():
            first = mentions[0]
            rivals = sorted({rival for mention in mentions for rival in mention.rivals})
            hints = (f"the same name is borne by {', '.join(rivals)}: keep the right one",) if rivals else ()
            record = {"id": identity, "evidence": [mention.span for mention in mentions]}
            yield Block(first.span, f"{first.name.type}: {self._shown(first.span)}", hints, (record,))

    def name(self, one: Unknown) -> Block:
        """A record of the registry for a name that it does not know."""
        hints = []
        if not one.type:
            hints.append("nothing tells the type: Place is a guess")
        if one.id in self._known:
            hints.append("the registry has this id: is it the same, then add the spellings there, or another one?")
        record: Record = {"id": one.id, "type": one.type or PLACE, "label": {self._tag: one.text}}
        record["spellings"] = [
            {"text": text, "language": self._article.language, "evidence": spans}
            for text, spans in one.spellings.items()
        ]
        return Block(one.first, f"{one.type or 'a name'}: {self._clip(one.text)}", tuple(hints), (record,))

    def agreements(self) -> Iterator[Block]:
        """An agreement for each sentence in which something of a kind of agreement is signed."""
        if self._lexicon is None or self._kinds is None:
            return
        signed = re.compile(rf"\b(?i:{alternatives(self._lexicon.table('dates', 'signed'))})\b")
        for sentence in self._article.sentences:
            words = [word.text for word in self._article.words(sentence) if word.text[0].isalpha()]
            kind = self._kinds.first(words) if signed.search(self._article.text, *sentence) else None
            if kind is None or kind.concept == _SET:
                continue
            named = self._named(sentence)
            record: Record = {"type": "Agreement", "kind": kind.concept}
            for key, types in (("party", _BODIES), ("signatory", (PERSON,))):
                ids = list(dict.fromkeys(identity for _, identity, type_ in named if type_ in types))
                record |= {key: ids} if ids else {}
            dates = {date.value for date in self._dates(sentence) if not date.founded and not date.target}
            record |= {"date": dates.pop()} if len(dates) == 1 else {}
            hints = ("is each a party, and has each signed? Say in `about` or `description` what it is about",)
            self._agreed.add(sentence)
            new = self._new([*record.get("party", []), *record.get("signatory", [])])
            yield Block(sentence, self._shown(sentence), (*hints, *new), (record | {"evidence": [sentence]},))

    def event(self, one: Unknown) -> Block:
        """An event that the text names; it is a fact of the article, and nothing of the registry."""
        kind = self._events.first(one.text.split()) if self._events else None
        record: Record = {"id": one.id, "type": EVENT, "label": {self._tag: one.text}}
        record |= {"kind": kind.concept} if kind else {}
        record["evidence"] = list(dict.fromkeys(span for spans in one.spellings.values() for span in spans))
        return Block(
            one.first, f"{EVENT}: {self._clip(one.text)}", ("say when, where, and of which series",), (record,)
        )

    def date(self, one: Dated) -> Block:
        sentence = self._article.sentence_at(one.span.start)
        title = f"{one.value}: {self._shown(one.span)}"
        hints = (one.note,) if one.note else ()
        record: Record
        bodies = [entity for entity in self._named(sentence) if entity[2] in _FOUNDED] if one.founded else []
        if bodies:
            subject = next((entity for entity in reversed(bodies) if entity[0] < one.span.start), bodies[0])
            record = {"id": subject[1], "founded": one.value, "evidence": [sentence]}
            return Block(one.span, title, (*hints, "is it this that was founded?", *self._new([subject[1]])), (record,))
        if sentence in self._agreed:
            return Block(one.span, title, (*hints, "does it date the agreement above?"))
        if one.target and re.fullmatch(r"\d{4}", one.value):
            record = {"type": "Plan", "about": self._about(sentence), "status": "planned", "targetYear": one.value}
            record |= {"description": {self._tag: self._word("dated")}, "evidence": [sentence]}
            return Block(one.span, title, (*hints, *self._new(record["about"])), (record,))
        words = [word.text for word in self._article.words(sentence) if word.text[0].isalpha()]
        kind = self._events.first(words) if self._events else None
        if kind is not None:
            record = {"type": "Event", "kind": kind.concept, "date": one.value}
        else:
            record = {"type": "Claim", "voice": "articleVoice", "about": self._about(sentence), "date": one.value}
            record["paraphrase"] = {self._tag: self._word("dated")}
        new = self._new(record.get("about", []))
        return Block(one.span, title, (*hints, *new), (record | {"evidence": [sentence]},))

    def amount(self, one: Amount) -> Block:
        sentence = self._article.sentence_at(one.span.start)
        title = self._shown(one.span)
        if one.unit is None or one.approximation is None:
            missing = "unit" if one.unit is None else "approximation"
            return Block(one.span, title, (f"no {missing} of ontology/concepts.ttl fits",))
        quantity: Record = {"value": one.value} if one.value is not None else {}
        if one.quantity.fraction is not None:
            quantity = dict(zip(("numerator", "denominator"), map(str, one.quantity.fraction), strict=True))
        measure, hint = self._measure(one, sentence)
        quantity = {"measure": measure, "unit": one.unit} | quantity
        quantity["approximation"] = one.approximation
        dated = [date for date in self._dates(sentence) if not date.founded]
        target = next((date.value for date in dated if date.target and re.fullmatch(r"\d{4}", date.value)), None)
        about, speaker = self._about(Span(sentence.start, one.span.end), last=True), self._speaker(one.span)
        if target and one.value is not None and one.approximation != VAGUE:
            head: Record = {"type": "Plan", "about": about, "status": "planned", "targetYear": target}
        else:
            head = {"type": "Figure", "about": about}
            head |= {"date": dated[0].value} if len({date.value for date in dated}) == 1 and not dated[0].target else {}
        head |= {"saidBy": speaker.id} if speaker and not speaker.new else {}
        record = head | quantity | {"evidence": [sentence]}
        return Block(one.span, title, (hint, *self._new(about)), (record,))

    def claim(self, one: Utterance) -> Block:
        if one.speaker is None:
            hint = "a quotation; who speaks was not recognised"
            after = f", but is it {self._clip(one.next.name)}, who speaks in the next sentence?" if one.next else ""
            return Block(one.span, self._shown(one.span), (hint + after,))
        name = self._clip(one.speaker.name)
        named = self._inside(self._things, one.span)
        others = [mention for mention in named if mention.id != one.speaker.id and not _described(one, mention)]
        known = list(dict.fromkeys(mention.id for mention in others))[:_ABOUT]
        about = known or [thing for thing in self._about(one.span) if thing != one.speaker.id] or [self._article.id]
        words = self._word("claim") if others else self._word("claim_plain")
        paraphrase = words.format(speaker=name, about=self._clip(others[0].name.text) if others else "")
        claim: Record = {
            "type": "Claim",
            "saidBy": one.speaker.id,
            "about": about,
            "paraphrase": {self._tag: paraphrase},
        }
        hints = ["say it in your own words, one record for each thing that is claimed; what is intended is a Plan"]
        hints += self._new([*([one.speaker.id] if one.speaker.new else []), *about])
        return Block(one.span, f"{name}: {self._shown(one.span)}", tuple(hints), (claim | {"evidence": [one.span]},))

    def _measure(self, one: Amount, sentence: Span) -> tuple[str, str]:
        """The measure whose label is nearest to unit and clause, and a hint; counts have measures of their own."""
        if one.unit in _AREAS and _AREA in self._measures:
            return _AREA, "is it about this?"
        counting = one.unit not in (PERCENT, FRACTION, RANK) and not _MONEY.fullmatch(one.unit or "")
        counts = {name for name, texts in self._measures.items() if any(_COUNT.match(text) for text in texts)}
        fitting = {name: texts for name, texts in self._measures.items() if (name in counts) == counting}
        clause = Span(max(sentence.start, one.span.start - _CLAUSE), one.span.end)
        start = self._article.text.rfind(",", clause.start, one.span.start) + 1 or clause.start
        spans = (one.span,) if counting else (Span(start, one.span.end), clause, sentence)
        if self._lexicon is not None:
            for candidates in (fitting, self._measures):
                for span in spans:
                    words = [word.text for word in self._article.words(span)]
                    found, share = nearest(candidates, words, self._lexicon)
                    if found is not None:
                        sure = share >= _SURE
                        return found, "is it this measure, and about this?" if sure else _UNSURE
        return min(fitting or self._measures), _UNSURE

    def _about(self, span: Span, *, last: bool = False) -> list[str]:
        """Things named in the span, the first or the last ones; new ones where none is known, else the article."""
        named = [
            identity
            for at, identity, type_ in self._named(self._article.sentence_at(span.start))
            if type_ != PERSON and at < span.end
        ]
        known = [identity for identity in named if identity in self._known]
        found = list(dict.fromkeys(known or named))
        return (found[-1:] if last else found[:_ABOUT]) or [self._article.id]

    def _named(self, span: Span) -> list[tuple[int, str, str]]:
        """(Position, id, type) of each name in a sentence, known or new."""
        found = [(one.span.start, one.id, one.name.type) for one in self._inside(self._found.mentions, span)]
        for one in self._found.unknown:
            wordings = [wording for wording, spans in one.spellings.items() if span in spans]
            if wordings:
                places = re.compile(alternatives(wordings)).finditer(self._article.text, *span)
                found += [(match.start(), one.id, one.type or PLACE) for match in places]
        return sorted(found)

    def _new(self, ids: list[str]) -> list[str]:
        """Hints for those that the registry has not."""
        new = (identity for identity in ids if identity not in self._known and identity != self._article.id)
        return [f"{identity} is new: accept it in data/registry first" for identity in new]

    def _dates(self, span: Span) -> list[Dated]:
        dates = self._found.dates.mentioned
        first = bisect_left(dates, span.start, key=lambda one: one.span.start)
        last = bisect_left(dates, span.end, key=lambda one: one.span.start)
        return dates[first:last]

    def _speaker(self, span: Span) -> Speaker | None:
        utterances = self._found.utterances
        index = bisect_left(utterances, span.end, key=lambda one: one.span.start) - 1
        return utterances[index].speaker if index >= 0 and utterances[index].span.end >= span.end else None

    @staticmethod
    def _inside(mentions: list[Mention], span: Span) -> list[Mention]:
        first = bisect_left(mentions, span.start, key=lambda one: one.span.start)
        last = bisect_left(mentions, span.end, key=lambda one: one.span.start)
        return mentions[first:last]

    def _shown(self, span: Span) -> str:
        return f"{self._article.shown(span)} ({span.start} to {span.end})"

    @staticmethod
    def _clip(name: str) -> str:
        return name if len(name) <= _NAME else name[: _NAME - 1].rsplit(" ", 1)[0] + "…"

    def _word(self, key: str) -> str:
        return str(self._lexicon.table("speech", key)) if self._lexicon else ""


def _described(one: Utterance, mention: Mention) -> bool:
    """Whether the entity is named to describe the speaker."""
    return one.attribution is not None and mention.span.overlaps(one.attribution)
