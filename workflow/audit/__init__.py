"""The audit: who changed what in the console, with the values before and after. Moves are in the history instead."""
