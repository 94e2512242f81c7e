"""Are there registered domains that look like this one, and do they take mail?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ...errors import Malformed
from ...standards import names
from ...standards.questions import Dialogue, Lookup, mx, together
from ..fault import Faults, fault
from ..posture import Posture
from ..registration import registrable

_CANDIDATES = 60
# What people take for one another, in the typefaces of mail programs.
_ALIKE = {
    "o": ("0", "ο", "о"),
    "0": ("o",),
    "l": ("1", "i"),
    "i": ("1", "l", "í"),
    "1": ("l", "i"),
    "m": ("rn", "nn"),
    "rn": ("m",),
    "w": ("vv",),
    "vv": ("w",),
    "d": ("cl",),
    "cl": ("d",),
    "a": ("а", "4"),
    "e": ("е", "3"),
    "p": ("р",),
    "c": ("с",),
    "s": ("5",),
    "5": ("s",),
    "x": ("х",),
    "y": ("у",),
    "g": ("q", "9"),
    "q": ("g",),
}


def check(posture: Posture) -> Dialogue[Faults]:
    """One fault that names the lookalikes with mail servers; nothing is asked unless ``subject.thorough``."""
    domain = registrable(posture.domain)
    if not posture.subject.thorough or domain != posture.domain:
        return ()
    candidates = tuple(islice(twins(domain), _CANDIDATES))
    answers = yield from together(*map(mx, candidates))
    taken = [
        name for name, answer in zip(candidates, answers, strict=True) if any(exchange for _, exchange in answer.values)
    ]
    if not taken:
        return ()
    shown = ", ".join(map(names.to_unicode, taken[:10]))
    asked = (Lookup(name, "MX") for name in taken)
    return (fault("lookalike-mail", *asked, confidence=0.5, domain=domain, count=len(taken), names=shown),)


def twins(domain: str) -> Iterator[str]:
    """Domains that differ from ``domain`` by what an eye overlooks, as A-labels, each once."""
    label, _, suffix = domain.partition(".")
    label = names.to_unicode(label)
    seen = {domain}
    for twin in (*_look_alike(label), *_slips(label)):
        try:
            name = names.parse(f"{twin}.{suffix}")
        except Malformed:
            continue
        if name not in seen and not twin.startswith("-") and not twin.endswith("-"):
            seen.add(name)
            yield name


def _look_alike(label: str) -> Iterator[str]:
    for letters, others in _ALIKE.items():
        at = label.find(letters)
        while at >= 0:
            yield from (label[:at] + other + label[at + len(letters) :] for other in others)
            at = label.find(letters, at + 1)


def _slips(label: str) -> Iterator[str]:
    """Two letters exchanged, or one doubled or left out: what fingers do, and what eyes forgive."""
    for at in range(len(label) - 1):
        yield label[:at] + label[at + 1] + label[at] + label[at + 2 :]
    if len(label) > 4:
        yield from (label[:at] + label[at] + label[at:] for at in range(len(label)))
        yield from (label[:at] + label[at + 1 :] for at in range(1, len(label)))
