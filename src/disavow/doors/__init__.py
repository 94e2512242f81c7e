"""How people and mail servers come in: command line, web, milter."""
