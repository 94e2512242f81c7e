"""SPF in memory, the same records for both: ours and pyspf (bar: at least 0.7 times as fast)."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from disavow.standards import spf as ours
from disavow.standards.questions import Answer, Lookup, Mx
from disavow.world.ask import ask

from .paired import ratio, row

BAR = 0.7

TXT = {
    "one.example.org": b"v=spf1 ip4:192.0.2.0/24 -all",
    "hit.example.org": b"v=spf1 include:_spf.example.net -all",
    "_spf.example.net": b"v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.0/24 ip6:2001:db8::/32 ip4:192.0.2.0/24 ~all",
    "long.example.org": b"v=spf1 include:a.example.net include:b.example.net include:c.example.net a mx -all",
    "a.example.net": b"v=spf1 ip4:198.51.100.0/26 ip4:198.51.100.64/26 ip4:198.51.100.128/26 ~all",
    "b.example.net": b"v=spf1 ip4:203.0.113.0/26 ip4:203.0.113.64/26 ip6:2001:db8:1::/48 ~all",
    "c.example.net": b"v=spf1 ip4:203.0.113.128/26 ip4:203.0.113.192/26 ip6:2001:db8:2::/48 ~all",
}
A = {"long.example.org": "198.51.100.250", "mx.example.org": "192.0.2.25"}
MX = {"long.example.org": (10, "mx.example.org")}

CASES = {
    "one ip4": ("192.0.2.25", "one.example.org"),
    "include that hits": ("192.0.2.25", "hit.example.org"),
    "three includes, a, mx": ("192.0.2.25", "long.example.org"),
}

WORLD: dict[tuple[str, str], Answer[Any]] = {
    **{(name, "TXT"): Answer("ok", (text,)) for name, text in TXT.items()},
    **{(name, "A"): Answer("ok", (ip_address(text),)) for name, text in A.items()},
    **{(name, "MX"): Answer("ok", (Mx(*value),)) for name, value in MX.items()},
}
NOTHING: Answer[Any] = Answer("nxdomain")


def world(question: Any) -> Answer[Any]:
    assert isinstance(question, Lookup)
    return WORLD.get((question.name, question.type), NOTHING)


def peer_lookup(name: str, kind: str, strict: Any = True, timeout: float = 20) -> list[Any]:
    """What pyspf expects of its DNS."""
    if kind == "TXT" and name in TXT:
        return [((name, kind), (TXT[name],))]
    if kind == "A" and name in A:
        return [((name, kind), A[name])]
    return [((name, kind), MX[name])] if kind == "MX" and name in MX else []


def main() -> None:
    import spf as peer

    peer.DNSLookup = peer_lookup
    for name, (ip, domain) in CASES.items():
        sender, address = f"someone@{domain}", ip_address(ip)

        def mine(address: Any = address, domain: str = domain, sender: str = sender) -> str:
            return ask(ours.check_host(address, domain, sender, "mx.example.org"), world)[0].result

        def theirs(ip: str = ip, sender: str = sender) -> str:
            return peer.query(i=ip, s=sender, h="mx.example.org").check()[0]

        assert mine() == theirs() == "pass", (name, mine(), theirs())
        row(f"SPF: {name}", BAR, ratio(mine, theirs), "pyspf")


if __name__ == "__main__":
    main()
