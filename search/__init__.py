"""Titles in, offer ids out: how a title becomes keys, what can be asked, and the indexes that answer.

Nothing of the business lives here: no tables, no pages, no jobs. Callers bring documents and queries,
and look up in the database what the ids that come back stand for.
"""
