"""Where sightings are kept: one DuckDB file, held by one process at a time."""

from __future__ import annotations

import os
from pathlib import Path

from .batch import Artefact, Batch, Keeping
from .duckdb import Store

__all__ = ["Artefact", "Batch", "Keeping", "Store", "usual_place"]


def usual_place() -> Path:
    """The file used without ``--store``: disavow/store.duckdb in the user's data directory (XDG_DATA_HOME)."""
    home = os.environ.get("XDG_DATA_HOME", "")
    # The XDG specification wants relative paths ignored.
    data = Path(home) if home.startswith("/") else Path.home() / ".local" / "share"
    return data / "disavow" / "store.duckdb"
