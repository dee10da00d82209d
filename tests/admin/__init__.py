"""Tests of the console and of Piccolo Admin as we mount it."""
