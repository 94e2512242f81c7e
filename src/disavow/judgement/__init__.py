"""What Disavow decides: pure; knows the standards, never the world."""
