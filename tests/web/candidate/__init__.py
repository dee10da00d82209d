"""Tests of web.candidate."""
