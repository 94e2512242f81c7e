"""The three ways in which Disavow itself can fail; whatever is wrong in mail, DNS or reports is data instead."""

from __future__ import annotations


class DisavowError(Exception):
    """Root of everything Disavow raises on purpose; ``exit_code`` is what the command line ends with."""

    exit_code = 1


class Malformed(DisavowError):
    """The bytes given to a ``parse`` are not what the standard calls by that name.

    ``what`` says in words what is wrong, ``at`` the offset in ``raw``, ``raw`` the bytes (cut to 200).
    """

    exit_code = 65

    def __init__(self, what: str, at: int = 0, raw: bytes = b"") -> None:
        super().__init__(what)
        self.what, self.at, self.raw = what, at, raw[:200]


class Unreachable(DisavowError):
    """Something outside that was needed did not answer: ``question`` names it, ``why`` the reason."""

    exit_code = 75

    def __init__(self, question: str, why: str) -> None:
        super().__init__(f"{question}: {why}")
        self.question, self.why = question, why


class Misconfigured(DisavowError):
    """A setting or argument cannot be used: ``key`` names it, ``why`` the reason, ``remedy`` the way out."""

    exit_code = 78

    def __init__(self, key: str, why: str, remedy: str = "") -> None:
        super().__init__(f"{key}: {why}" + (f" ({remedy})" if remedy else ""))
        self.key, self.why, self.remedy = key, why, remedy
