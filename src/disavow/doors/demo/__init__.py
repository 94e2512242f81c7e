"""The example mailbox, zone and list of addresses that the package carries; tests/corpus/demo/story.py wrote them."""
