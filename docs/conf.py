"""Sphinx: HTML and man pages from the same Markdown. ``make docs`` builds both."""

project = "Disavow"
author = "The Disavow authors"
copyright = "The Disavow authors, Apache-2.0"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "Disavow"
myst_heading_anchors = 3
man_pages = [("reference/commands", "disavow", "disavow mail sent in your name", [author], 1)]
exclude_patterns = ["_build", "examples"]
