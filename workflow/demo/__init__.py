"""What `vivier demo` fills an empty portal with: invented units, offers, candidates and their letters.

Texts in `data/`, pure functions of the day; writing them to the database is the command's affair.
"""
