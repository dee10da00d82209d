"""The arithmetic of the benchmarks: what the figures say when the speeds are known."""
