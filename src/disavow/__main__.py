"""``python -m disavow`` is the ``disavow`` command."""

from .doors.cli import main

main()
