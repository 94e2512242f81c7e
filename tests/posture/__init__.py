"""A zone per fault, all invented: the same cases are judged from text (fast) and from real servers (bench)."""
