"""What a Python team would pick instead: Django with django-fsm-2 and django-fsm-log.

Runs in `.venv-bench`, in a process of its own that takes its orders on standard input.
"""
