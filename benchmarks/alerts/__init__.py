"""A run over all alerts beside one search for each of them; see docs/performance.md.

Each is a process of its own, so that what it needs of memory is its own.
"""
