"""Tests of search/: the analysis on real titles, the index against a plain reference, damage and swaps."""
