"""What a mailbox answers by itself: away, gone, retired, received, unread (RFC 3834, RFC 5230, and prose)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ...standards import mime
from . import reasons, signs
from .letter import Letter, asking
from .notice import Evidence, Notice
from .wording import Match, Text, fold

# A person may write "I am away until Monday" too: without a header, this many hints make it a machine's answer.
ENOUGH = 3
_PREFIX = re.compile(r"[^:：]{3,40}[:：]\s*\S")
_MARKS = ".!?。！？"
_SENTENCE = re.compile(rf"[^{_MARKS}]+[{_MARKS}]?")
_ABOUT_IT = ("autoreply", "automatic", "courtesy")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,190}")
_PHONE = re.compile(r"\d(?:[ /.()-]{0,2}\d){6,15}")
# "Leak? Ring …": what is asked in a word and answered at once asks nobody.
_HEADING = re.compile(r"(?:^|(?<=[.!?\n]))\s*[^.!?\n]{2,16}[?？؟][ \t]+(?=\S)")
_LETTERS = re.compile(r"[^\W\d_]+")
_LINE = re.compile(r"[!\n]|\.\s")
# Whom a template greets, so that an initial does not name them.
_ANYBODY = frozenset(
    (
        *("all", "client", "cliente", "clientes", "clients", "colleague", "contact", "customer", "everyone", "folks"),
        *("friend", "klant", "klient", "kliencie", "kollege", "kollegen", "kollegin", "kontakt", "kunde", "kunden"),
        *("kunder", "kundin", "madam", "madame", "mail", "message", "monsieur", "morning", "tag"),
    )
)
_IDEOGRAPH = re.compile("[\u3040-\u9fff\uac00-\ud7a3]")
# A price, a discount, a way out of a list: who is away sells nothing.
_OFFER = re.compile(
    r"\d\s?(?:%|€|\$|£|¥|₽|₴|kr\b|zł|kč|ft\b|lei\b|tl\b|eur|usd|chf|руб|грн|лв)|[€$£¥]\s?\d"
    r"|unsubscri|abmelden|abbestell|afmelden|désabonn|désinscri|darse de baja|cancelar (?:la )?su[bs]|annulla l'iscri"
    r"|wypisz|odhlás|отпис|відпис|avregistr|meld deg av|afmeld|avsluta pren|peruuta til|leiratkoz|dezabon|διαγραφ"
    r"|退订|取消訂閱|配信停止|수신 ?거부|abonelikten",
    re.I,
)
LATE = float("inf")
GREETING = 16  # characters; a shorter piece is a greeting or a name
_PEOPLE_SAY = ("vacation", "ack")
_GONE = ("left-company", "address-retired")
# "[#4711]", "Ticket 4711", "SUP-12": what service desks put into their subjects.
_TICKET = re.compile(r"[#№]\s?\w*\d{2,}|\b[A-Z]{2,10}-\d+\b|\d{3,}")
# "Re: [club] Dates": who is on a list tells it that he cannot come.
_LISTED = re.compile(r":\s*\[[^\]\d:#]{2,30}\]")
BRIEF = 600
SHORT = 2_500  # characters; what answers by itself is brief


def read(letter: Letter) -> Notice | None:
    """The automatic answer that ``letter`` is, with what it says in ``detail``; None when it is none."""
    # What went to many is no answer to one, whatever it says; only a header that answers carry outweighs that.
    why = _decisive(letter) or (() if _is_for_many(letter) else _announced(letter) or _worded(letter))
    if not why:
        return None
    said = letter.says("autoreply")
    if not said:
        return Notice("autoreply", "other", language=letter.language, evidence=why)
    meant = _meant(letter, said)
    best = meant.phrase
    words = Evidence("mail-automatic-words", meant.quote)
    return Notice("autoreply", best.reason, best.reason, letter.language or best.language, evidence=(*why, words))


def _meant(letter: Letter, said: list[Match]) -> Match:
    """The likeliest of what is ``said``: one word of return or of what is new beside many of receipt is receipt."""
    own = {match.phrase: match for match in said if match.phrase.language == said[0].phrase.language}
    reasons_told = [phrase.reason for phrase in own]
    beside = said[0].phrase.reason in ("vacation", "address-retired") and not _subject_says(letter, said[0])
    if beside and reasons_told.count("ack") >= ENOUGH > 2 * reasons_told.count(said[0].phrase.reason):
        return next(match for phrase, match in own.items() if phrase.reason == "ack")
    return said[0]


def _subject_says(letter: Letter, match: Match) -> bool:
    return match.phrase.reason in {each.phrase.reason for each in reasons.said(letter.headline, "autoreply")}


def _is_for_many(letter: Letter) -> bool:
    """It went to a list of people, or is an entry in their calendars."""
    return bool(signs.bulk(letter.message)) or "text/calendar" in letter.types


def _decisive(letter: Letter) -> tuple[Evidence, ...]:
    header = signs.answering(letter.message) or _without_sender(letter)
    return (header._replace(strength="decisive"),) if header and not signs.spam(letter) else ()


def _without_sender(letter: Letter) -> Evidence | None:
    """It answers a mail, or a machine made it, and it wants no answer itself.

    RFC 3834 section 3.3 asks automatic answers for the null sender, which no mail of its own accord has.
    """
    if not signs.is_null_sender(letter.message) or signs.is_daemon(letter):
        return None
    told = letter.message.first("in-reply-to") or letter.message.first("auto-submitted") or _is_small(letter)
    return Evidence("mail-machine-header", "Return-Path: <>") if told else None


def _is_small(letter: Letter) -> bool:
    """A few words to one person, who is sold nothing, asked nothing and told of no failure."""
    plainly = not _is_for_many(letter) and not signs.no_reply(letter) and not signs.generated(letter.message)
    brief = plainly and len(letter.body) <= BRIEF and not letter.asks and not _sells(letter)
    return brief and not letter.says("failure")


def _announced(letter: Letter) -> tuple[Evidence, ...]:
    """The subject calls itself an automatic answer: at its beginning, or on a mail that answers one.

    Advertisements, trackers and people write *about* automatic answers too.
    """
    subject = signs.automatic_subject(letter)
    begins = any(match.offset == 0 for match in reasons.said(letter.headline, "automatic"))
    if not subject or signs.spam(letter) or _sells(letter):
        return ()
    # "Absence approved" is the office's word, which answers nobody.
    begins = begins and not letter.says("office")
    return (subject,) if begins or signs.answers(letter) else ()


def _worded(letter: Letter) -> tuple[Evidence, ...]:
    """Words alone: only in a short mail, and only with what surrounds them in such answers."""
    if len(letter.body) > SHORT:
        return ()
    said = letter.says("autoreply")
    retitled = _retitled(letter)
    if not said:
        return (retitled,) if retitled and not letter.asks and not signs.spam(letter) else ()
    answers, machine = signs.answers(letter), signs.machine(letter.message)
    found = [hint for hint in (retitled, *_hints(letter, said, answers, machine)) if hint]
    doubts = [*_doubts(letter, said, bool(answers), bool(machine))]
    return tuple(dict.fromkeys(found)) if len(found) + 1 - sum(doubts) >= ENOUGH else ()


def _hints(
    letter: Letter, said: list[Match], answers: Evidence | None, machine: Evidence | None
) -> Iterator[Evidence | None]:
    """What surrounds such words in automatic answers; what weighs twice comes twice."""
    yield from (answers, answers, machine, *_courtesies(letter), _subject(letter), _only(letter))
    yield from (_prefixed(letter), _prefixed(letter), _statement(letter))
    yield from (_instead(letter), _instead(letter), _by_phone(letter))
    if answers or machine:
        yield _statement(letter)
    if said[0].phrase.reason != "vacation":
        yield from (
            _agrees(letter),
            _ticket(letter, said),
            signs.no_reply(letter) if answers or said[0].phrase.reason != "unmonitored" else None,
            _plainly(letter, said),
        )
    elif not answers:
        yield _agrees(letter)


def _doubts(letter: Letter, said: list[Match], answers: bool, machine: bool) -> Iterator[bool]:
    """What speaks against an automatic answer; what weighs twice comes twice."""
    sells, deals, footer = _sells(letter), _deals(letter, said, answers), _footer(said) and not (answers or machine)
    terse = _is_terse(letter)
    yield from (signs.spam(letter) is not None, sells, sells, sells, footer, footer, deals)
    yield deals and said[0].phrase.reason not in _GONE and not terse
    # Of an absence everybody writes, in circulars and advertisements too.
    yield deals and said[0].phrase.reason == "vacation" and not terse and not _insists(said)
    unprompted = not answers and signs.generated(letter.message)
    yield unprompted
    # Who is away, or reads nothing, answers somebody; what a machine writes of its own accord is an office's notice.
    of_its_own = said[0].phrase.reason in ("vacation", "unmonitored") and not signs.is_null_sender(letter.message)
    office = unprompted and of_its_own
    yield from (office, office)
    # So is what tells how to ask for leave, or what to set up before it.
    grants = not answers and said[0].phrase.reason in ("vacation", "ack") and bool(letter.says("office"))
    yield from (grants, grants, grants)
    # So does who was away and answers late.
    over = said[0].phrase.reason in _PEOPLE_SAY and bool(letter.says("was-away"))
    yield from (over, over, over)
    # So does who agrees, jokes and asks for something in passing.
    talks = bool(letter.says("conversation"))
    yield from (talks, talks)
    # Only what was written to one, and tickets, call by name.
    named = said[0].phrase.reason != "ack" and _calls_by_name(letter)
    yield from (named, named)
    if not machine:
        yield from _like_people(letter, said)


def _insists(said: list[Match]) -> bool:
    """It says in many ways of one language that somebody is away: what else it mentions is beside that."""
    return sum(match.phrase.language == said[0].phrase.language for match in said) >= ENOUGH


def _sells(letter: Letter) -> bool:
    return bool(_OFFER.search(letter.subject) or _OFFER.search(letter.source))


def _deals(letter: Letter, said: list[Match], answers: bool) -> bool:
    """The mail is about an order, a booking or a leave that was granted, or speaks to many at once.

    The subject of an answer may be that of the mail which it answers.
    """
    dealing = [match.offset for match in letter.own_words(reasons.said(letter.prose, "dealing"))]
    # Below "nobody reads this" stands where to ask about an order instead.
    if dealing and min(dealing) <= _unread_from(letter, said):
        return True
    own = min((match.offset for match in reasons.said(letter.headline, "autoreply")), default=len(letter.subject))
    found = [] if answers else letter.own_words(reasons.said(letter.headline, "dealing"))
    # "Case 4711 registered: overdue invoice" repeats the subject that it answers.
    return any(":" not in letter.headline.plain[own : match.offset] for match in found)


def _unread_from(letter: Letter, said: list[Match]) -> float:
    """Where the mail says that nobody reads what is sent there, if it begins with that and says it in many ways."""
    first = min((match.offset for match in said if match.text is letter.prose), default=LATE)
    unread = said[0].phrase.reason == "unmonitored" and _insists(said)
    return first if unread and first < GREETING * 3 else LATE


def _calls_by_name(letter: Letter) -> bool:
    """The mail greets a person whom To names, be it by an initial: "Hi Kim," to k.example@example.org."""
    names = [fold(name) for name in _LETTERS.findall(_recipient(letter))]
    line = _LINE.split(letter.body.lstrip("¡ \n")[:60], maxsplit=1)[0]
    # "Hola, Kim!" or "Hi Kim, …"
    greetings = [_LETTERS.findall(piece) for piece in (line, line.partition(",")[0])]
    called = [words[-1] for words in greetings if 2 <= len(words) <= 5 and words[-1][0].isupper()]
    return any(_is_named(fold(word), names) for word in called)


def _recipient(letter: Letter) -> str:
    """The first name and local part in To."""
    return mime.words((letter.message.first("to") or b"")[:500]).partition("@")[0]


def _is_named(word: str, names: list[str]) -> bool:
    return word not in _ANYBODY and any(word == name or (len(name) == 1 and word[0] == name) for name in names)


def _is_terse(letter: Letter) -> bool:
    """It answers a mail in a few words, quotes nothing and asks nothing: whoever wants something says more."""
    answers = letter.message.first("in-reply-to") is not None
    return answers and len(letter.body) <= BRIEF // 2 and not letter.quotes and not letter.asks


def _footer(said: list[Match]) -> bool:
    """All that is said is "do not reply", as below whatever machines send of their own accord."""
    return said[0].phrase.reason == "unmonitored" and not _is_strong(said[0])


def _is_strong(match: Match) -> bool:
    return match.phrase.rank == reasons.load()[match.phrase.reason].rank


def _retitled(letter: Letter) -> Evidence | None:
    """It answers a mail briefly under a title of its own: people keep the subject that they reply to."""
    answered = letter.message.first("in-reply-to")
    own = letter.subject.strip() and not signs.is_reply(letter) and not signs.is_forward(letter)
    if not answered or not own or len(letter.body) > BRIEF or letter.says("rejection"):
        return None
    return Evidence("mail-answers", f"In-Reply-To: {answered.decode('latin-1')[:120]}", "weak")


def _like_people(letter: Letter, said: list[Match]) -> list[bool]:
    """Doubts: people quote what they answer, and ask; they say in a reply that they are away, but not first of all."""
    reason = said[0].phrase.reason
    reply = signs.is_reply(letter)
    quotes = letter.quotes and (reply or not _subject(letter))
    asks = letter.asks and asking(_HEADING.sub(" ", letter.body))
    return [
        quotes,
        quotes,
        asks,
        asks,
        reply and reason == "vacation" and not _begins(letter, said),
        reply and _LISTED.search(letter.subject) is not None,
        len(said) == 1 and reason == "ack" and not _thanks(letter),
    ]


def _thanks(letter: Letter) -> bool:
    """It thanks under a subject of its own, as forms on the web do: "Thank you for your message"."""
    return bool(reasons.said(letter.headline, "courtesy")) and signs.answers(letter) is None


def _begins(letter: Letter, said: list[Match]) -> bool:
    """These are its first words: nobody was greeted or answered before."""
    first = [match for match in letter.own_words(said) if match.text is letter.prose and match.offset < GREETING]
    return any(match.phrase.reason == "vacation" for match in first)


def _subject(letter: Letter) -> Evidence | None:
    """The subject itself says it: "On leave until Monday"."""
    found = reasons.said(letter.headline, "autoreply")
    return Evidence("mail-automatic-subject", found[0].quote) if found else None


def _agrees(letter: Letter) -> Evidence | None:
    """Subject and text say the same, or the text says it in more than one way."""
    above = {match.phrase.reason for match in reasons.said(letter.headline, "autoreply")}
    below = [match for match in reasons.said(letter.prose, "autoreply") if match.phrase.reason in above]
    repeated = len({match.phrase for match in reasons.said(letter.prose, "autoreply")}) > 1
    return Evidence("mail-automatic-subject", letter.subject[:160], "weak") if below or repeated else None


def _ticket(letter: Letter, said: list[Match]) -> Evidence | None:
    """What was received got a number."""
    numbered = _TICKET.search(letter.subject) or _TICKET.search(letter.body[:BRIEF])
    return (
        Evidence("mail-automatic-subject", numbered[0], "weak") if numbered and said[0].phrase.reason == "ack" else None
    )


def _plainly(letter: Letter, said: list[Match]) -> Evidence | None:
    """The mail is so short that it is about little else than who is gone, or an address that nobody reads."""
    short = len(letter.body) <= BRIEF // 2 and said[0].phrase.reason in ("left-company", "unmonitored")
    return Evidence("mail-automatic-only", letter.body[:120], "weak") if short and _is_strong(said[0]) else None


def _instead(letter: Letter) -> Evidence | None:
    """The mail names another address to turn to."""
    others = [found for found in _ADDRESS.findall(letter.body) if found.lower() != letter.address]
    return Evidence("mail-courtesy", others[0][:120], "weak") if others else None


def _by_phone(letter: Letter) -> Evidence | None:
    """A sentence names a number and says what for; in a signature it stands alone."""
    named = [(found[0], sentence[0]) for sentence in _sentences(letter) if (found := _PHONE.search(sentence[0]))]
    numbers = [number for number, sentence in named if _is_about_it(sentence)]
    return Evidence("mail-courtesy", numbers[0], "weak") if numbers else None


def _prefixed(letter: Letter) -> Evidence | None:
    """The subject begins with it and goes on with another: "Absent: your offer", as mail programs write."""
    found = reasons.said(letter.headline, "autoreply")
    begins = any(match.offset == 0 for match in found) and _PREFIX.match(letter.subject)
    return Evidence("mail-automatic-subject", letter.subject[:160]) if begins else None


def _statement(letter: Letter) -> Evidence | None:
    """The mail calls itself automatic."""
    found = letter.says("automatic")
    return Evidence("mail-automatic-statement", found[0].quote) if found else None


def _courtesies(letter: Letter) -> list[Evidence]:
    """The mail thanks for a mail, or says whom to turn to instead: at most two such phrases."""
    # What says that its author is away is no courtesy besides, where one sentence is all there is.
    said = {match.phrase.text for match in letter.says("autoreply")} if _is_terse(letter) else ()
    found = [match for match in letter.says("courtesy") if match.phrase.text not in said]
    return [Evidence("mail-courtesy", match.quote, "weak") for match in found[:2]]


def _only(letter: Letter) -> Evidence | None:
    """Nearly every sentence of the mail says something of the kind: it is about nothing else."""
    offsets = [match.offset for each in _ABOUT_IT for match in reasons.said(letter.prose, each)]
    told = [
        any(sentence.start() <= offset < sentence.end() for offset in offsets) or _is_about_it(sentence[0])
        for sentence in _sentences(letter)
        if len(sentence[0]) + 2 * len(_IDEOGRAPH.findall(sentence[0])) > GREETING
    ]
    about = sum(told)
    enough = 1 if _is_terse(letter) else 2
    return Evidence("mail-automatic-only", letter.body[:120], "weak") if enough * (len(told) - about) < about else None


def _sentences(letter: Letter) -> list[re.Match[str]]:
    """The sentences of the folded text, without who wrote it, which stands after the last mark."""
    found = [*_SENTENCE.finditer(letter.prose.plain)]
    return found[:-1] if len(found) > 1 and found[-1][0][-1] not in _MARKS else found


@lru_cache(maxsize=64)  # each sentence of a mail is asked for more than once
def _is_about_it(sentence: str) -> bool:
    words = Text(sentence)
    return any(reasons.said(words, each) for each in _ABOUT_IT)
