"""How hiring goes: numbers, charts, and what leaves the console as CSV."""
