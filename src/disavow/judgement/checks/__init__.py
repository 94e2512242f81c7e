"""What can be wrong with a domain's settings: one check a file, found by its name.

Each file has ``check(posture) -> Dialogue[Faults]``. Another package adds one by an entry point of the group
``disavow.checks`` that names such a function.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import TypeAlias

from ...standards.questions import Dialogue
from ..fault import Faults
from ..posture import Posture

Check: TypeAlias = Callable[[Posture], Dialogue[Faults]]


@lru_cache(maxsize=1)
def load() -> tuple[Check, ...]:
    """Every check, in the order of the file names; those of other packages last."""
    ours = (import_module(f"{__name__}.{module.name}").check for module in iter_modules(__path__))
    return (*ours, *(entry.load() for entry in entry_points(group="disavow.checks")))
