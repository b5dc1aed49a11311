"""Finds quotations and reported speech, and their speakers.

The rules look at the surface: a verb of saying, the name before or after it, the quotation beside it. They are made for
English; in German they find explicit speakers, and the following sentences in the subjunctive of reported speech.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from curate.suggest.lexicon import Lexicon, alternatives
from curate.suggest.text import Article, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from curate.suggest.names import Mention

PERSON = "Person"
_BODIES = ("Organization", "Group", "Park")
_SPEECH = 5  # words from which a quotation can be a sentence and not a term
_SUBJECT = 200  # characters before a verb in which its subject is looked for
_TOUCH = 2  # characters between a sentence and a quotation that touches it
_NEAR = 30  # characters between a body and the verb of which it is the subject
_LETTER = r"[^\W\d_]"
_WORD = rf"(?:(?!(?-i:[a-zß-ÿ])){_LETTER}+(?:[-'’]{_LETTER}+)*)"  # of a name
_BETWEEN = re.compile(r"[\s,]*")  # a quotation and a verb of saying that follows it
_ARTICLES = ("the", "die", "der", "das")
_TITLES = ("Mr", "Mrs", "Ms", "Dr", "Prof", "Professor", "Herr", "Frau")
_LEAD = re.compile(  # what may stand between a verb, or the begin of a sentence, and a name
    rf"[\s,:–—]*(?:(?P<article>(?i:{'|'.join(_ARTICLES)}))\s+)?(?P<titles>(?:(?:{'|'.join(_TITLES)})\b\.?\s+)*)"
)


class Speaker(NamedTuple):
    """A speaker: an entity of the registry, or a new name with an id made from it."""

    id: str
    name: str
    new: bool = False


@dataclass(frozen=True)
class Utterance:
    """Quoted or reported speech. span: attribution and speech, as far as they are contiguous. speaker: None if unknown.

    attribution: span in which the speaker is named and described. next: of a quotation without a speaker, who speaks in
    the sentence after it; that may be somebody else.
    """

    span: Span
    speaker: Speaker | None
    attribution: Span | None = None
    next: Speaker | None = None


class _Attribution(NamedTuple):
    verb: Span
    sentence: Span
    speaker: Speaker
    span: Span


def find(article: Article, mentions: Sequence[Mention]) -> list[Utterance]:
    """Every utterance in the order of the text; at most one for each sentence and speaker."""
    if article.lexicon is None:
        return []
    return sorted(_Finder(article, article.lexicon, mentions).utterances(), key=lambda one: one.span)


class _Finder:
    """The persons, bodies, quotations and sentences of one article, all sorted."""

    def __init__(self, article: Article, lexicon: Lexicon, mentions: Sequence[Mention]) -> None:
        self._article, self._text, self._lexicon = article, article.text, lexicon
        self._persons = [one for one in mentions if one.name.type == PERSON]
        self._bodies = [one for one in mentions if one.name.type in _BODIES]

    def utterances(self) -> Iterator[Utterance]:
        """All utterances, paragraph by paragraph."""
        for paragraph in self._article.paragraphs:
            quotations = _within(self._article.quotations, paragraph)
            attributions = list(self._attributions(paragraph, quotations))
            attributed = list(self._attributed(attributions, quotations))
            yield from attributed
            yield from self._unattributed(quotations, attributed)
            yield from self._continued(paragraph, attributions, quotations)

    def _attributions(self, paragraph: Span, quotations: list[Span]) -> Iterator[_Attribution]:
        """Verbs of saying outside quotations with their speakers; a pronoun means the speaker before."""
        last: Speaker | None = None
        for match in _saying(self._lexicon).finditer(self._text, paragraph.start, paragraph.end):
            verb = Span(*match.span())
            if _covering(quotations, verb.start) is not None:
                continue
            sentence = self._article.sentence_at(verb.start)
            spoken = _until(quotations, verb.start)
            start = spoken.end if spoken and self._closed(spoken) else sentence.start
            subject = Span(max(sentence.start, start), verb.start)
            inverted = subject.start > sentence.start  # after a quotation
            before = None if match["according"] else self._speaker_before(subject, verb, last, sentence.end)
            speaker = before or self._person_at(verb.end, sentence.end)
            if speaker is None and (match["according"] or inverted):
                speaker = self._body_at(verb.end, sentence.end)
            if speaker is not None:
                last = speaker
                described = Span(subject.start, verb.end) if before else Span(verb.start, sentence.end)
                yield _Attribution(verb, sentence, speaker, described)

    def _speaker_before(self, subject: Span, verb: Span, last: Speaker | None, sentence_end: int) -> Speaker | None:
        """The subject before the verb; if a person's name follows the verb, only a name that begins the subject."""
        begins = self._person_at(subject.start, subject.end)
        if begins is not None or self._person_at(verb.end, sentence_end) is not None:
            return begins
        return (
            self._last_person(subject)
            or self._new_person(subject)
            or (last if self._pronoun(subject) else None)
            or self._subject_body(subject)
        )

    def _person_at(self, position: int, end: int) -> Speaker | None:
        """The person whose name stands at the position, after signs and a title, and before the end; an unknown name
        makes a new one.

        A surname alone is that of a person who was named in full before; an unknown one has a title.
        """
        skipped = _LEAD.match(self._text, position)
        start = skipped.end() if skipped else position
        if start >= end:
            return None
        index = bisect_left(self._persons, start, key=lambda one: one.span.start)
        if index < len(self._persons) and self._persons[index].span.start == start:
            return _known(self._persons[index])
        named = _new_name(self._lexicon).match(self._text, start)
        with_article = skipped is not None and bool(skipped["article"])  # a person's name has none
        if named or with_article:
            return self._new(named) if named and not with_article else None
        return self._by_surname(start, has_title=skipped is not None and bool(skipped["titles"]))

    def _by_surname(self, start: int, *, has_title: bool) -> Speaker | None:
        found = _surname().match(self._text, start)
        if found is None or self._starting(self._bodies, start):
            return None
        known = [one for one in self._persons if one.span.end <= start and one.name.text.split()[-1] == found[0]]
        if known:
            return _known(known[-1])
        full = _full_name(self._lexicon, found[0]).search(self._text, 0, start)
        name = " ".join(full["name"].split()) if full else found[0]
        return Speaker(f"person/{slug(name)}", name, new=True) if full or has_title else None

    def _new(self, named: re.Match[str]) -> Speaker | None:
        """A person made from a name, unless the words begin a sentence or name a body."""
        words = named["name"].split()
        if words[0].lower() in self._lexicon.table("speech", "no_name") or self._starting(self._bodies, named.start()):
            return None
        return Speaker(f"person/{slug(named['name'])}", " ".join(words), new=True)

    def _new_person(self, subject: Span) -> Speaker | None:
        """The first unknown name in the subject, after a comma or after the word that begins the sentence."""
        window = self._text[max(subject.start, subject.end - _SUBJECT) : subject.end]
        before = ""
        for number, match in enumerate(re.finditer(r"\S+", window)):
            if before.endswith(",") or (number == 1 and before.lower() in self._lexicon.table("speech", "no_name")):
                named = _new_name(self._lexicon).match(self._text, subject.end - len(window) + match.start())
                speaker = self._new(named) if named and before.lower() not in _ARTICLES else None
                if speaker is not None:
                    return speaker
            before = match[0]
        return None

    def _body_at(self, position: int, end: int) -> Speaker | None:
        skipped = _LEAD.match(self._text, position)
        found = self._starting(self._bodies, skipped.end() if skipped else position)
        return _known(found) if found and found.span.start < end else None

    def _starting(self, mentions: list[Mention], start: int) -> Mention | None:
        index = bisect_left(mentions, start, key=lambda one: one.span.start)
        return mentions[index] if index < len(mentions) and mentions[index].span.start == start else None

    def _last_person(self, subject: Span) -> Speaker | None:
        index = bisect_left(self._persons, subject.end, key=lambda one: one.span.start) - 1
        inside = index >= 0 and self._persons[index].span.start >= subject.start
        return _known(self._persons[index]) if inside else None

    def _pronoun(self, subject: Span) -> bool:
        words = self._text[max(subject.start, subject.end - _NEAR) : subject.end].lower().split()[-2:]
        return any(word in self._lexicon.table("speech", "pronouns") for word in words)

    def _subject_body(self, subject: Span) -> Speaker | None:
        """A body directly before the verb, with at most an adverb between."""
        index = bisect_left(self._bodies, subject.end, key=lambda one: one.span.start) - 1
        if index < 0 or self._bodies[index].span.start < subject.start:
            return None
        between = self._text[self._bodies[index].span.end : subject.end]
        near = len(between) <= _NEAR and len(between.split()) <= 2 and not re.search(r"[,;:.]", between)  # noqa: PLR2004 - has also
        return _known(self._bodies[index]) if near else None

    def _attributed(self, attributions: list[_Attribution], quotations: list[Span]) -> Iterator[Utterance]:
        """Each sentence with a speaker, once, with the quotations that touch it and no other such sentence."""
        sentences = sorted({one.sentence for one in attributions})
        spans = {sentence: self._with_quotations(sentence, sentences, quotations) for sentence in sentences}
        first: dict[tuple[Span, Speaker], _Attribution] = {}
        for one in attributions:
            first.setdefault((one.sentence, one.speaker), one)
        for one in first.values():
            yield Utterance(spans[one.sentence], one.speaker, one.span)

    def _with_quotations(self, sentence: Span, sentences: list[Span], quotations: list[Span]) -> Span:
        start, end = sentence
        for quotation in quotations[max(0, bisect_right(quotations, sentence) - 1) :]:
            if quotation.start > end + _TOUCH:
                break
            own = quotation.overlaps(sentence)
            free = _covering(sentences, quotation.start) is None and _covering(sentences, quotation.end - 1) is None
            if own or (free and self._touch(quotation, Span(start, end))):
                start, end = min(start, quotation.start), max(end, quotation.end)
        return Span(start, end)

    def _touch(self, quotation: Span, sentence: Span) -> bool:
        """Whether the quotation stands directly after the colon of the attribution."""
        if quotation.end <= sentence.start:
            return False
        between = self._text[sentence.end : quotation.start]
        return not between.strip() and self._text[sentence.end - 1] in ":,"

    def _unattributed(self, quotations: list[Span], attributed: list[Utterance]) -> Iterator[Utterance]:
        """Quoted sentences without a verb of saying: by the person before the colon, else by who spoke before."""
        ordered = sorted(attributed, key=lambda one: one.span)
        spans = [one.span for one in ordered]
        for quotation in quotations:
            if _covering(spans, quotation.start) is None and self._is_speech(quotation):
                index = bisect_left(spans, quotation)
                before, after = ordered[index - 1] if index else None, ordered[index] if index < len(ordered) else None
                if self._is_followed_by_verb(quotation):
                    before = after = None  # somebody who was not recognised says it
                speaker = before.speaker if before else None
                yield self._introduced(quotation) or Utterance(
                    quotation, speaker, next=after.speaker if after and not speaker else None
                )

    def _is_followed_by_verb(self, quotation: Span) -> bool:
        """Whether the quotation has a verb of saying of its own."""
        behind = _BETWEEN.match(self._text, quotation.end)
        return behind is not None and _saying(self._lexicon).match(self._text, behind.end()) is not None

    def _introduced(self, quotation: Span) -> Utterance | None:
        sentence = self._article.sentence_at(quotation.start)
        before = Span(sentence.start, quotation.start)
        colon = self._text[before.start : before.end].rstrip().endswith(":")
        speaker = (self._last_person(before) or self._new_person(before)) if colon else None
        return Utterance(Span(before.start, quotation.end), speaker) if speaker else None

    def _is_speech(self, quotation: Span) -> bool:
        """Whether a quotation is longer than a term and ends like a sentence."""
        inner = self._text[quotation.start + 1 : quotation.end - 1]
        return len(inner.split()) >= _SPEECH and self._closed(quotation)

    def _closed(self, quotation: Span) -> bool:
        return self._text[quotation.start + 1 : quotation.end - 1].rstrip()[-1:] in tuple(".!?,…")

    def _continued(
        self, paragraph: Span, attributions: list[_Attribution], quotations: list[Span]
    ) -> Iterator[Utterance]:
        """Sentences in the subjunctive of reported speech after an attribution."""
        forms = self._lexicon.table("speech", "subjunctive")
        if not forms or not attributions:
            return
        form = re.compile(rf"\b(?:{alternatives(forms)})\b")
        for sentence in _within(self._article.sentences, paragraph):
            index = bisect_left(attributions, sentence.end, key=lambda one: one.verb.start) - 1
            if index < 0 or attributions[index].sentence == sentence or _covering(quotations, sentence.start):
                continue
            if form.search(self._text, *sentence):
                yield Utterance(sentence, attributions[index].speaker)


def slug(name: str) -> str:
    """A name as the last part of an id: ASCII letters in lower case, with hyphens."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain)) or "unnamed"


def _known(mention: Mention) -> Speaker:
    return Speaker(mention.id, mention.name.text)


@cache
def _saying(lexicon: Lexicon) -> re.Pattern[str]:
    verbs = alternatives(lexicon.table("speech", "verbs"))
    according = alternatives(lexicon.table("speech", "according"))
    return re.compile(rf"\b(?:(?P<verb>{verbs})|(?P<according>(?i:{according})))\b")


@cache
def _surname() -> re.Pattern[str]:
    return re.compile(rf"{_WORD}\b")


@cache
def _full_name(lexicon: Lexicon, surname: str) -> re.Pattern[str]:
    """Pattern of a given name, with initials or particles behind it, and the surname."""
    particles = alternatives(lexicon.table("speech", "particles"))
    titles = "|".join(_TITLES)
    return re.compile(
        rf"\b(?!(?:{titles})\b)(?P<name>{_WORD}(?:\s+(?:{particles}|{_LETTER}\.))*\s+{re.escape(surname)})\b"
    )


@cache
def _new_name(lexicon: Lexicon) -> re.Pattern[str]:
    """Pattern of two to four words of a name, followed by a comma, a verb of saying or the end of the sentence."""
    particles = alternatives(lexicon.table("speech", "particles"))
    verbs = alternatives(lexicon.table("speech", "verbs"))
    word = rf"(?:(?!(?-i:[a-zß-ÿ])){_LETTER}\.|{_WORD})"
    name = rf"{word}(?:\s+(?:(?:{particles})\s+)*{word}){{1,3}}"
    return re.compile(rf"(?P<name>{name})(?=,|\.|\s+(?:{verbs})\b)")


def _within(spans: Sequence[Span], outer: Span) -> list[Span]:
    first = bisect_left(spans, outer.start, key=lambda span: span.start)
    last = bisect_left(spans, outer.end, key=lambda span: span.start)
    return list(spans[first:last])


def _until(spans: list[Span], position: int) -> Span | None:
    """The last span that ends at or before the position, or None."""
    index = bisect_right(spans, position, key=lambda span: span.end)
    return spans[index - 1] if index else None


def _covering(spans: Sequence[Span], position: int) -> Span | None:
    index = bisect_right(spans, position, key=lambda span: span.start) - 1
    return spans[index] if index >= 0 and spans[index].end > position else None
