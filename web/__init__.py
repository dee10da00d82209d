"""What candidates and programs see: pages, JSON API, the command line.

Handlers are thin: they read a request, call one command or query of `workflow` or `search`, and answer.
"""
