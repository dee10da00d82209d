"""Piccolo Admin at /admin/: put together, narrowed, guarded."""
