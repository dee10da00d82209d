"""Tests, mirroring the source. This package exists because Piccolo's wheel ships a `tests` of its own."""
