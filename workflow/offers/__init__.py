"""Job offers and the units that publish them: their machine, commands and queries.

May use the engine, the database and the nouns it points to; no surface imports are allowed here.
"""
