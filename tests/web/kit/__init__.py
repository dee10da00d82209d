"""Tests of web.kit."""
