"""What each check is worth as evidence: whether it speaks for the author, and over all that is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, TypeAlias

from ..standards import dkim, dmarc
from ..standards.dkim_key import recovered_hash
from .verify import Verification

Standing: TypeAlias = Literal["sound", "partial", "changed", "unclear", "unavailable", "worthless"]

# DNS is asked now, not when the mail was sent: keys and records of this age may have changed.
OLD = timedelta(days=30)

_AUTHENTICATED = ("ESMTPA", "ESMTPSA", "UTF8SMTPA", "UTF8SMTPSA")


def is_vouched(verification: Verification, result: dmarc.Result) -> bool:
    """True if an identifier aligned with the author verified, over all that is shown."""
    by_spf = verification.spf is not None and verification.spf.result == "pass"
    return (by_spf and is_aligned(result, "spf", verification.mail_from_domain)) or any(
        standing(signature) == "sound" for signature in aligned(verification, result)
    )


def aligned(verification: Verification, result: dmarc.Result) -> tuple[dkim.Verification, ...]:
    """The signatures that speak for the author's domain."""
    return tuple(one for one in verification.dkim if one.domain and is_aligned(result, "dkim", one.domain))


def is_old(verification: Verification) -> bool:
    """True if the mail is so old that keys and records may have changed since it was sent."""
    return verification.sent is not None and verification.at - verification.sent > OLD


def logged_in(verification: Verification) -> str:
    """The server of ours at which the client logged in with a password (RFC 3848), "" if none says so."""
    trusted = [hop.line for hop in verification.hops if hop.trusted]
    return trusted[-1].by if trusted and trusted[-1].with_.upper().startswith(_AUTHENTICATED) else ""


def is_aligned(result: dmarc.Result, mechanism: Literal["spf", "dkim"], domain: str) -> bool:
    """True if ``domain`` is the author's, or shares its organizational domain where the owner's policy allows that.

    RFC 9989 section 4.4. Where no policy is published, organizational domains are those of the public suffix list.
    """
    for alignment in result.alignments:
        if (alignment.mechanism, alignment.domain) == (mechanism, domain):
            return alignment.aligned is True
    author, organizational = result.author_domain, dmarc.organizational_domain_by_suffix
    return bool(author and domain) and (author == domain or organizational(author) == organizational(domain))


def standing(signature: dkim.Verification) -> Standing:
    """What a signature is worth as evidence that the signer vouches for this mail as it is shown.

    "sound"; "partial": it verifies, but not over all that is shown; "changed": the signer really signed a mail,
    and it no longer is that mail; "unclear": nobody can tell whether he did; "unavailable": its key could not be
    looked up or is gone; "worthless": it was not made by the signer's key, or no RFC lets it count.
    """
    if signature.result == "pass":
        shown = not signature.unsigned_bytes and not signature.added_fields and signature.body == "intact"
        return "sound" if shown else "partial"
    if signature.cause in ("key-unavailable", "key-missing", "key-revoked"):
        return "unavailable"
    return _made(signature) if signature.result == "fail" else "worthless"


def _made(signature: dkim.Verification) -> Standing:
    """Whether the signer's key made this signature, whatever it was made for.

    An RSA signature carries the hash of what was signed: where none comes out, it is made up. Others do not tell.
    """
    if signature.header == "intact":
        return "changed"
    key = signature.key.public if signature.key else None
    if key is None or signature.signature is None or signature.algorithm != "rsa-sha256":
        return "unclear"
    return "worthless" if recovered_hash(key, signature.signature.signature) is None else "changed"
