"""Candidates' accounts, sessions and profiles.

May use the engine, the database and the nouns it points to; no surface is imported here.
"""
