"""Tests of what may come in and where it lies."""
