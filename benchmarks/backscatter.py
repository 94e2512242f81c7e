"""Sorting status mails beside the standard library's parse of the same bytes, and how right it is on the suites."""

from __future__ import annotations

import gzip
import json
import re
import sys
import tomllib
from collections import Counter, defaultdict
from email import message_from_bytes
from pathlib import Path

from disavow.judgement.backscatter import classify, reasons
from disavow.judgement.backscatter.notice import Notice
from disavow.standards.message import Message

from .paired import ratio, row

ROOT = Path(__file__).resolve().parents[1]
SUITES = ROOT.parent / "shared" / "suites"
SAMPLE = 200  # mails of each set that are timed


def folder(*names: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(SUITES.joinpath("bounces", *names).iterdir())}


def flooded() -> list[bytes]:
    raw = gzip.decompress((SUITES / "inbox" / "flooded-list.mbox.gz").read_bytes())
    at = [match.start() for match in re.finditer(rb"^From ", raw, re.M)]
    return [raw[begin:end] for begin, end in zip(at, [*at[1:], None], strict=True)]


def times(name: str, mails: list[bytes]) -> None:
    chosen = mails[:: max(1, len(mails) // SAMPLE)]

    def ours() -> None:
        for mail in chosen:
            classify.read(Message(mail))

    def peer() -> None:
        for mail in chosen:
            message_from_bytes(mail)

    faster, mine, theirs = ratio(ours, peer)
    row(name, 1.5, (faster, mine / len(chosen), theirs / len(chosen)), "compat32")


def sisimai(mails: dict[str, bytes]) -> None:
    """Reasons beside p5-sisimai's labels: exactly its name, and by family."""
    families: dict[str, set[str]] = defaultdict(set)
    for reason in reasons.load().values():
        families[reason.family].update(reason.sisimai)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for name, labels in json.loads((SUITES / "bounces" / "sisimai" / "labels.json").read_text()).items():
        notice, wanted = classify.read(Message(mails[name])), labels[0]["reason"]
        if wanted in ("feedback", "vacation", "delivered"):
            continue
        known = reasons.load().get(notice.reason)
        table[wanted]["all"] += 1
        table[wanted]["exact"] += known is not None and wanted in known.sisimai
        table[wanted]["family"] += known is not None and wanted in families[known.family]
    print(f"{'p5-sisimai calls it':<20}{'mails':>7}{'same':>7}{'family':>8}")
    for wanted, counts in sorted(table.items(), key=lambda item: -item[1]["all"]):
        print(f"{wanted:<20}{counts['all']:>7}{counts['exact']:>7}{counts['family']:>8}")
    total = sum(table.values(), Counter())
    print(f"{'all':<20}{total['all']:>7}{total['exact']:>7}{total['family']:>8}")


def answers() -> None:
    """Precision and recall of automatic answers on the corpus in tests/."""
    mails = tomllib.loads((ROOT / "tests" / "corpus" / "autoreplies.toml").read_text("utf-8"))["mail"]
    truth: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for mail in mails:
        name = _name(_read(mail))
        truth[mail["kind"]] += 1
        found[name] += 1
        right[name] += name == mail["kind"]
    print(f"{'automatic answers':<28}{'mails':>7}{'recall':>8}{'precision':>11}")
    for name in sorted(truth):
        print(f"{name:<28}{truth[name]:>7}{right[name] / truth[name]:>8.2f}{right[name] / max(found[name], 1):>11.2f}")


def _read(mail: dict[str, str]) -> Notice:
    header = mail["header"] + "\n" if mail["header"] else ""
    head = f"From: kim@example.com\nSubject: {mail['subject']}\n{header}Content-Type: text/plain; charset=utf-8\n\n"
    return classify.read(Message((head + mail["body"]).encode()))


def _name(notice: Notice) -> str:
    return f"{notice.kind}/{notice.detail}" if notice.kind == "autoreply" else notice.kind


def main() -> None:
    answers()
    if not SUITES.is_dir():
        sys.exit(f"the suites are not here ({SUITES})")
    bounces = folder("sisimai", "mail")
    sisimai(bounces)
    times("joe job, classify.read", list(folder("joe-job-2020", "as-received").values()))
    times("sisimai's bounces, classify.read", list(bounces.values()))
    times("flooded list, classify.read", flooded())


if __name__ == "__main__":
    main()
