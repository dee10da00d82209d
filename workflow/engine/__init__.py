"""A workflow engine: machines, moves, history, outbox. It knows nothing of hiring.

May import python-statemachine, Piccolo and `workflow.database`; nothing else of this project.
"""
