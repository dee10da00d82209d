"""Migrations, written by hand in SQL for both databases: what Piccolo would write fails on SQLite."""
