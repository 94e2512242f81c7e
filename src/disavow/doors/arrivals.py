"""What arrived, taken apart: mails, their attachments, and reports without a mail, each read by who knows its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ..judgement.identity import Identity
from ..judgement.intake import documents, mail
from ..judgement.intake.learned import Entry, Learned, Origin, Refused
from ..standards.message import Message
from ..world import sources
from ..world.ask import World, ask
from ..world.sources import Document, Item, Mail, Unreadable
from ..world.stores import Artefact, Keeping

# Report mails forwarded as attachments of mails that are forwarded …
MAX_DEPTH = 3

Arrived: TypeAlias = Learned | Artefact


class Arrivals:
    """``me``: whose mail it is; ``world`` answers the questions; ``received_by``: a server of mine."""

    def __init__(self, me: Identity, world: World, received_by: str = "") -> None:
        self._me, self._world, self._received_by = me, world, received_by
        self._documents = 0

    def learn(self, item: Item) -> Iterator[Arrived]:
        """What ``item`` teaches: sightings, each entry after its own, and last the artefact that proves them."""
        if isinstance(item, Unreadable):
            yield Refused(item.where, item.why)
        elif isinstance(item, Document):
            self._documents += 1
            origin = Origin(item.where, f"document {self._documents}")
            kept = Keeping(item.chunks)
            yield from documents.read(kept, origin, self._me)
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
        for attachment in attachments:
            yield from self._unpacked(attachment, origin, depth)
        yield from mail.feedback(parts, origin)

    def _unpacked(self, attachment: mail.Attachment, origin: Origin, depth: int) -> Iterator[Learned]:
        name = f"{origin.where}/{attachment.name}" if attachment.name else origin.where
        for inner in sources.unpack(attachment.data, name):
            if isinstance(inner, Document):
                inside = Origin(inner.where, origin.proof, origin.standing, origin.received)
                yield from documents.read(inner.chunks, inside, self._me)
            elif isinstance(inner, Unreadable):
                yield Refused(inner.where, inner.why)
            elif depth < MAX_DEPTH:
                yield from self._mail(inner, origin.proof, depth + 1)
            else:
                yield Refused(inner.where, f"lies in more than {MAX_DEPTH} mails")

    def _itself(self, message: Message, where: str, proof: str, refused: list[Refused]) -> Iterator[Learned]:
        """The mail as what it is itself; if it calls itself a report, what it brought instead is refused."""
        case, learned = ask(mail.itself(message, where, proof, self._me), self._world)[0]
        if case.notice.kind == "report":
            yield from refused or [Refused(where, "calls itself a report and brings none")]
        yield from learned


def is_report(learned: Arrived) -> bool:
    """True for the entry of a report, not of a mail."""
    return isinstance(learned, Entry) and learned.kind != "mail"
