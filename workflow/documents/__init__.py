"""Covering letters and CVs: what may come in, where the bytes lie, who may have them.

Knows nothing of applications; those point here.
"""
