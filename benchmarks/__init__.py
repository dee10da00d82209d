"""How fast Vivier is beside others: `make bench` measures, in one run and in rounds that take turns.

`peer/` runs in an environment of its own and imports nothing of Vivier; nothing else imports `benchmarks`.
"""
