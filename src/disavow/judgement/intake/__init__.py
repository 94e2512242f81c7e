"""What may arrive, read into Sightings: one kind of report a file under documents/, mails in mail.py."""
