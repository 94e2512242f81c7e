"""Disavow: for people in whose name spammers send mail."""
