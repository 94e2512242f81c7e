"""What arrived, taken apart: mails, their attachments, and reports without a mail, each read by who knows its kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from time import process_time
from typing import TypeAlias

from ..judgement.identity import Identity
from ..judgement.intake import documents, mail
from ..judgement.intake.history import History
from ..judgement.intake.learned import Entry, Learned, Lenience, Origin, Refused
from ..standards.message import Message
from ..world import sources
from ..world.ask import World, ask
from ..world.sources import Document, Item, Mail, Unreadable
from ..world.stores import Artefact, Keeping

# Report mails forwarded as attachments of mails that are forwarded …
MAX_DEPTH = 3
# What one report may cost, and one sender send in one go: many times what the largest of receivers send a day.
MAX_SECONDS = 300
MAX_ROWS = 5_000_000

Arrived: TypeAlias = Learned | Artefact


class Arrivals:
    """``me``: whose mail it is; ``world`` answers the questions; ``received_by``: a server of mine.

    ``history``: the policies that were published, as far as they were seen.
    """

    def __init__(self, me: Identity, world: World, received_by: str = "", history: History | None = None) -> None:
        self._me, self._world, self._received_by, self._history = me, world, received_by, history or {}
        self._documents = 0
        self._rows: Counter[str] = Counter()

    def learn(self, item: Item) -> Iterator[Arrived]:
        """What ``item`` teaches: sightings, each entry after its own, and last the artefact that proves them."""
        if isinstance(item, Unreadable):
            yield Refused(item.where, item.why)
        elif isinstance(item, Document):
            self._documents += 1
            origin = Origin(item.where, f"document {self._documents}", history=self._history)
            kept = Keeping(item.chunks)
            yield from self._document(kept, origin)
            yield kept.artefact(origin.proof, item.where)
        else:
            proof = mail.digest(item.raw)
            yield from self._mail(item, proof)
            yield Artefact(proof, proof, item.where, len(item.raw), item.raw, packed=False)

    def _mail(self, item: Mail, proof: str, depth: int = 0) -> Iterator[Learned]:
        """The reports that the mail brings; if there are none, what it is itself."""
        message = Message(item.raw)
        refused: list[Refused] = []
        found = False
        for learned in self._reports(message, item.where, proof, depth):
            if isinstance(learned, Refused):
                refused.append(learned)
            else:
                found = True
                yield learned
        if found:
            yield from refused
        else:
            yield from self._itself(message, item.where, proof, refused)

    def _reports(self, message: Message, where: str, proof: str, depth: int) -> Iterator[Learned]:
        parts = mail.parts(message)
        attachments = mail.attachments(parts)
        if not attachments and not mail.has_feedback(parts):
            return
        origin, _ = ask(mail.origin(message, where, proof, self._me, self._received_by), self._world)
        origin = origin._replace(history=self._history)
        for attachment in attachments:
            yield from self._unpacked(attachment, origin, depth)
        yield from mail.feedback(parts, origin)

    def _unpacked(self, attachment: mail.Attachment, origin: Origin, depth: int) -> Iterator[Learned]:
        name = f"{origin.where}/{attachment.name}" if attachment.name else origin.where
        for inner in sources.unpack(attachment.data, name):
            if isinstance(inner, Document):
                yield from self._document(inner.chunks, origin._replace(where=inner.where))
            elif isinstance(inner, Unreadable):
                yield Refused(inner.where, inner.why)
            elif depth < MAX_DEPTH:
                yield from self._mail(inner, origin.proof, depth + 1)
            else:
                yield Refused(inner.where, f"lies in more than {MAX_DEPTH} mails")

    def _document(self, chunks: Iterable[bytes], origin: Origin) -> Iterator[Learned]:
        """What the document says, within the time that it may take and the rows that its sender may send."""
        sender = f"{origin.standing.grade} {origin.standing.domain}"
        if origin.standing.grade != "owner" and self._rows[sender] >= MAX_ROWS:
            yield Refused(origin.where, f"comes after {MAX_ROWS} rows from {origin.standing.domain or 'strangers'}")
            return
        timed = _Timed(chunks)
        for learned in documents.read(timed, origin, self._me):
            if isinstance(learned, Entry):
                self._rows[sender] += learned.rows
            yield learned
        if timed.is_over:
            yield Lenience(origin.where, "out-of-time", 0, str(MAX_SECONDS))

    def _itself(self, message: Message, where: str, proof: str, refused: list[Refused]) -> Iterator[Learned]:
        """The mail as what it is itself, and what of it could have been a report but could not be read."""
        case, learned = ask(mail.itself(message, where, proof, self._me), self._world)[0]
        yield from refused
        if case.notice.kind == "report" and not refused:
            yield Refused(where, "calls itself a report and brings none")
        yield from learned


class _Timed:
    """``chunks`` as long as the time of the processor that they may take is not over."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.is_over = False

    def __iter__(self) -> Iterator[bytes]:
        end = process_time() + MAX_SECONDS
        for chunk in self._chunks:
            self.is_over = process_time() > end
            if self.is_over:
                return
            yield chunk


def is_report(learned: Arrived) -> bool:
    """True for the entry of a report, not of a mail."""
    return isinstance(learned, Entry) and learned.kind != "mail"
