"""A workflow engine: machines, moves, history, outbox. It knows nothing of hiring.

May import python-statemachine and Piccolo; nothing else of this project, so that it could be lifted out.
"""
