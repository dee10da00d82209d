"""The connection to SQLite or PostgreSQL, write transactions, our one Piccolo app and its migrations.

Knows no business; only the migrations name the tables.
"""
