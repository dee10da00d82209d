"""Candidates' own data: a copy of it, its deletion at their wish, and its end when it is of no use any more.

Stands above the other nouns, whose rows it gathers and erases; no surface is imported here.
"""
