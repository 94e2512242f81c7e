"""Who names which fault: ours and other tools on the same zones in one run, all asking the same private DNS.

One zone per fault of tests/posture, behind a real resolver. Ours must give the right tags and no others. A peer is
credited with a fault as soon as it says anything of the faulty domain that it does not say of the correct one, which
favours the peers. What it complains of in further correct domains is printed: some of it is a true remark. Mail servers
and policy files are out of reach of the peers here, so that faults of those are told apart. The peers come from PyPI,
each into an environment of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from posture import believed, bench, cases, shapes, test_faults, zones  # noqa: E402

PEERS = {"checkdmarc": "checkdmarc==6.0.4", "trustymail": "trustymail==1.2.1", "spoofy": "spoofy==1.1.0"}
CORRECT = (*shapes.TABLE, *shapes.SHAPES)
SERVED = ("srv", "sts")  # seen by whoever connects
_SCRIPT = Path(__file__).with_name("_posture_peer.py")
Said = dict[str, set[str]]


def main() -> None:
    """Print the table."""
    if name := bench.missing():
        print(f"{name} is not installed: skipped")
        return
    faults = cases.FAULTS
    with bench.running((*faults, *CORRECT)) as private:
        port = private.resolver.rpartition(":")[2]
        said = {peer: found for peer in PEERS if (found := _said(peer, port, (*CORRECT, *faults)))}
    named = {"ours": {case.name for case in faults if _is_named(case)}}
    named |= {
        peer: {case.name for case in faults if found[case.name] - found[CORRECT[0].name]}
        for peer, found in said.items()
    }
    _table(named)
    alarms = {"ours": {case.name: set(test_faults.alarms(believed.judged(case)[0])) for case in CORRECT}}
    alarms |= {peer: {case.name: _complaints(found, case) for case in CORRECT} for peer, found in said.items()}
    label = f"complaints about {len(CORRECT)} correct domains"
    print(f"{label:<38}" + "".join(f"{sum(map(bool, alarms[one].values())):>12}" for one in named))
    for peer, about in alarms.items():
        for name, texts in about.items():
            for text in sorted(texts):
                print(f"  {peer}: {name}: {' '.join(text.split())[:100]}")
    others = set().union(*(found for one, found in named.items() if one != "ours"))
    print(f"named by ours alone: {', '.join(sorted(named['ours'] - others)) or 'none'}")
    print(f"named by others alone: {', '.join(sorted(others - named['ours'])) or 'none'}")


def _table(named: dict[str, set[str]]) -> None:
    groups = dict.fromkeys(case.name.partition("-")[0] for case in cases.FAULTS)
    print(f"{'faults':<38}" + "".join(f"{one:>12}" for one in named))
    for group in groups:
        of = {case.name for case in cases.FAULTS if case.name.partition("-")[0] == group}
        label = f"{group} ({len(of)})" + (", of the server" if group in SERVED else "")
        print(f"{label:<38}" + "".join(f"{len(found & of):>12}" for found in named.values()))
    print(f"{f'all ({len(cases.FAULTS)})':<38}" + "".join(f"{len(found):>12}" for found in named.values()))


def _is_named(case: zones.Case) -> bool:
    """True if ours gives the tags of the case, and alarms about nothing else."""
    return test_faults.alarms(believed.judged(case)[0]).keys() == case.tags.keys()


def _complaints(found: Said, case: zones.Case) -> set[str]:
    return {text for text in found[case.name] - found[CORRECT[0].name] if text.startswith("! ")}


def _said(peer: str, port: str, all_cases: tuple[zones.Case, ...]) -> Said:
    """What the peer says of each case by the name of the case, the domain's name made the same; {} if it cannot run."""
    uv = [str(Path(sys.executable).with_name("uv")), "run", "--quiet", "--isolated", "--no-project"]
    python = ["--python", sys.executable, "--with", PEERS[peer], "python", "-P", str(_SCRIPT)]
    domains = [case.name_of_domain for case in all_cases]
    done = subprocess.run([*uv, *python, peer, port, *domains], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{peer}: skipped: {done.stderr.strip()[-300:]}")
        return {}
    answers = json.loads(done.stdout)
    return {case.name: _alike(answers[case.name_of_domain], case.name_of_domain) for case in all_cases}


def _alike(texts: list[str], domain: str) -> set[str]:
    """``texts`` without what differs from domain to domain or from machine to machine."""
    return {re.sub(r"[\w.-]*" + re.escape(domain), "D", re.sub(r" at /\S+", "", text)) for text in texts}
