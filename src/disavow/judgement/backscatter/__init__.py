"""Machines' answers to mail that somebody sent in the owner's name: sorted, read, and what they prove."""
