"""The search beside its peers: how quick, how large, how well it finds; see docs/performance.md.

Each contender is a process that takes orders by a pipe. The modules that the peers' environment runs
(`serving`, `tantivy_peer`, `sqlite_peer`, `postgres_peer`) import nothing of Vivier.
"""
