"""Authentication-Results: parsing, ours and authres (no bar was set; shown so that a loss is seen)."""

from __future__ import annotations

from disavow.standards import authres as ours

from .paired import ratio, row

BAR = 1
FIELD = (
    "mx.example.com; dkim=pass (2048-bit key) header.d=example.org header.i=@example.org header.b=oINEO8hg;"
    " spf=pass (mx.example.com: domain of a@example.org designates 192.0.2.7) smtp.mailfrom=a@example.org;"
    " dmarc=pass (p=reject dis=none) header.from=example.org"
)


def main() -> None:
    from authres import AuthenticationResultsHeader

    measured = ratio(
        lambda: ours.parse(FIELD),
        lambda: AuthenticationResultsHeader.parse("Authentication-Results: " + FIELD),
        rounds=3,
    )
    row("a field with three results", BAR, measured, "authres")


if __name__ == "__main__":
    main()
