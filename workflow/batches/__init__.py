"""Many applications moved at once: previewed in the console, carried out by the worker, reported (C3, C8)."""
