"""Drawings of machines and of one subject in them: SVG of our own, and the same in plain sentences.

Layout is geometry alone (`layers`, `layout`); `picture` puts a machine and a journey into it. May import the
engine, nothing else: all words, days and marks are given by the caller.
"""
