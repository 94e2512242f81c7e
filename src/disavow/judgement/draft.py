"""The records of each step, from what is published, what the owner says and what reports show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..standards import dmarc, mtasts, tlsrpt_record
from . import gate
from .audit import Audit
from .checks.dmarc_policy import STRICTNESS
from .coverage import Coverage
from .finding import Finding
from .mending import policy_file
from .posture import Posture
from .record_set import Planned, RecordSet
from .republish import dmarc_with, spf_ended


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the owner said: that the domain ``never_sends``, where reports go (``rua``), that it takes no mail."""

    never_sends: bool = False
    rua: str = ""
    no_mx: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """``present`` is the audit of what is published; ``unborn`` names below the domain that mail of the owner is
    from, though they do not exist; ``pinned``: a mail server of the domain has TLSA records.
    """

    present: Audit
    wishes: Wishes
    coverage: Coverage | None
    moment: datetime
    unborn: tuple[str, ...] = ()
    pinned: bool = False

    @property
    def posture(self) -> Posture:
        """The facts of the present."""
        return self.present.posture

    @property
    def domain(self) -> str:
        """Whose records these are."""
        return self.present.domain

    @property
    def takes_mail(self) -> bool:
        """True if it does, and the owner did not say otherwise."""
        return self.posture.takes_mail and not self.wishes.no_mx

    @property
    def idle(self) -> gate.Gate | None:
        """Why the domain is known not to send; None where nothing proves it."""
        published = self.posture.spf.record is not None and not self.posture.spf.authorises
        day = self.moment.date()
        return gate.never_sends(self.wishes.never_sends, published, self.takes_mail, self.coverage, day)

    @property
    def own(self) -> dmarc.Record:
        """The DMARC record of the domain itself; an empty one where it has none."""
        found = self.posture.dmarc.policy
        return found.record if found and found.domain == self.domain else dmarc.Record()

    # -- A domain that never sends --------------------------------------------------------------------------------

    def locked(self, mended: Planned) -> Planned:
        """Nobody sends as it (RFC 7505, RFC 7208 section 10.1.2, RFC 6376 section 3.6.1, RFC 9989 section 4.7)."""
        keys = (key for key in self.posture.dkim.found if not (key.key and key.key.revoked))
        records = [
            RecordSet(self.domain, "TXT", ("v=spf1 -all",)),
            RecordSet(f"*._domainkey.{self.domain}", "TXT", ("v=DKIM1; p=",)),
            *(RecordSet(key.owner, "CNAME" if key.answer.aliases else "TXT") for key in keys),
            *([] if self.takes_mail else [RecordSet(self.domain, "MX", ("0 .",))]),
        ]
        own = self._record(mended)
        strict = {"p": "reject", "sp": "reject", "np": "reject", "adkim": "s", "aspf": "s"}
        text = dmarc_with(own, **strict, t=None, pct=None, rua=self.rua(own))
        return Planned().with_([*records, self._dmarc(text)])

    # -- A domain that sends --------------------------------------------------------------------------------------

    def closed(self, mended: Planned) -> Planned:
        """The policy in force stays; reports are asked for, and names that do not exist are shut."""
        if self.wishes.no_mx:
            mended = mended.with_([RecordSet(self.domain, "MX", ("0 .",))])
        tls = tlsrpt_record.owner(self.domain)
        if self.wishes.rua and mended.text(tls):
            mended = mended.with_([RecordSet(tls, "TXT", (f"v=TLSRPTv1; rua=mailto:{self.wishes.rua}",))])
        return self._with_policy(mended, "none")

    def stages(self, closed: Planned, then: Posture) -> Iterator[tuple[str, Planned]]:
        """All that stands after each further step; ``then``: the facts after the first."""
        quarantine = self._with_policy(closed, "quarantine")
        reject = self._with_policy(quarantine, "reject")
        strictest = self._strictest(reject, then)
        yield from (("quarantine", quarantine), ("reject", reject), ("strictest", strictest))
        yield "encryption", self._enforced(strictest)

    def _dmarc(self, text: str) -> RecordSet:
        return RecordSet(f"_dmarc.{self.domain}", "TXT", (text,))

    def _record(self, planned: Planned) -> dmarc.Record:
        """The record as planned, else as published."""
        text = planned.text(f"_dmarc.{self.domain}")
        return dmarc.parse(text.encode("latin-1")) if text else self.own

    def _with_policy(self, planned: Planned, policy: dmarc.Policy) -> Planned:
        """``planned`` with at least this policy; as it is where a parent's record asks for as much already."""
        found, published = self.posture.dmarc.policy, self.posture.policy
        inherited = found is not None and found.domain != self.domain and published != "none"
        enough = STRICTNESS[published] >= STRICTNESS[policy]
        if inherited and enough and not self.wishes.rua:
            return planned
        record = self._record(planned)
        changed: dict[str, str | None] = {"p": published if enough else policy}
        if record.sp and STRICTNESS[record.sp] < STRICTNESS[policy]:
            changed["sp"] = policy
        if not self.unborn and (found is None or found.domain == self.domain):  # section 4.7: of no use below
            changed["np"] = "reject"
        if STRICTNESS[policy] >= STRICTNESS[published]:  # section 4.7: t=y takes a step back, as pct once did
            changed.update(t=None, pct=None)
        new = dmarc_with(record, **changed, rua=self.rua(record))
        return planned if dmarc.parse(new.encode()) == record else planned.with_([self._dmarc(new)])

    def rua(self, record: dmarc.Record) -> str | None:
        """Where reports go: as published and as wished; to the domain itself only if it takes mail."""
        uris = [uri for uri in record.rua if self.takes_mail or not uri.lower().endswith(f"@{self.domain}")]
        wished = f"mailto:{self.wishes.rua}" if self.wishes.rua else ""
        if wished and wished not in uris:
            uris.insert(0, wished)
        if not uris and self.takes_mail and not self.idle:
            uris.append(f"mailto:dmarc-reports@{self.domain}")
        return ",".join(uris) or None

    def _strictest(self, planned: Planned, then: Posture) -> Planned:
        """-all, and strict alignment where no mail of the owner needs the other."""
        record, end = then.spf.record, then.spf.all
        if record and end and end.qualifier == "~":
            planned = planned.with_([RecordSet(self.domain, "TXT", (spf_ended(record, "-all"),))])
        published = self._record(planned)
        if published.p and gate.strict_alignment(self.coverage):
            planned = planned.with_([self._dmarc(dmarc_with(published, adkim="s", aspf="s"))])
        return planned

    def _enforced(self, planned: Planned) -> Planned:
        """RFC 8461 section 5: first testing, then enforce; a new id says that the file is another."""
        url = mtasts.location(self.domain)
        text = planned.files.get(url) or next(self._testing(url), "")
        if not text:
            return planned
        record = mtasts.format_record(mtasts.Record(f"{self.moment:%Y%m%d%H%M%S}Z")).decode()
        sets = [RecordSet(f"_mta-sts.{self.domain}", "TXT", (record,))]
        return planned.with_(sets, {url: policy_file(text, "enforce")})

    def _testing(self, url: str) -> Iterator[str]:
        """The policy file with which the audit answers one that is in testing now."""
        for fault in self.present.faults:
            if fault.tag == "mta-sts-testing":
                yield fault.replacement.partition(f"{url}:\n")[2] + "\n"

    # -- What goes with it ----------------------------------------------------------------------------------------

    def gates(self, name: str) -> tuple[gate.Gate, ...]:
        """The conditions of the step of this name."""
        if name == "quarantine":
            return gate.before_quarantine(self.coverage, self.moment)
        if name == "reject":
            return gate.before_reject(self.coverage, self.moment)
        if name == "strictest":
            return gate.before_strictest(self.coverage, self.moment)
        if name == "encryption":
            return gate.before_enforcing_tls(self.coverage)
        return (self.idle,) if self.idle else ()

    def asides(self) -> Iterator[Finding]:
        """What the owner has to know whatever he publishes."""
        blank = {"domain": self.domain}
        if self.unborn:
            yield Finding("publish-np-in-use", {"names": ", ".join(self.unborn)})
        if self.idle is None and not self.posture.sends:
            yield Finding("publish-maybe-never", blank)
        if self.coverage is None and self.idle is None:
            yield Finding("publish-no-store", blank)
        if self.rua(self.own) is None:
            yield Finding("publish-no-rua", blank)
        elif not self.own.rua and not self.wishes.rua:
            yield Finding("publish-own-rua", {"address": f"dmarc-reports@{self.domain}"})
        if self.takes_mail and self.posture.mx.authenticated and not self.pinned:
            yield Finding("publish-dane", blank)
        yield Finding("publish-return-path", blank)
        yield Finding("publish-no-promise", blank)
