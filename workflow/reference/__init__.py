"""Reference lists of the portal: regions, job types, levels, industries, jobs and the answers of its forms.

Facts in `data/` and Babel's names of countries and languages; no tables, no rules, no database.
"""
