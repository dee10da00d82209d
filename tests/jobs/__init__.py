"""The worker and what it does, on real servers."""
