"""Recruiters' accounts, sessions and units; the tables serve as Piccolo Admin's too.

May use the engine, the database and the nouns it points to; no surface imports are allowed here.
"""
