"""Units and the recruiters who work for them; the tables serve as Piccolo Admin's too.

May use the engine, the database and the nouns it points to; no surface is imported here.
"""
