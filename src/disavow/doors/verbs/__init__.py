"""One verb a file; the file name is the verb, the first docstring line its summary."""
