"""Tests of web.public."""
