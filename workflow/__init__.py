"""Everything that has a state or a rule: the engine, the nouns of hiring, their tables and mails.

Imports neither `search` nor any surface (`web`, `admin`, `jobs`).
"""
