"""The only floor that touches anything: DNS, HTTPS, SMTP, files, mailboxes, databases, the clock."""
