"""Many applications moved at once: chosen, previewed, watched, reported."""
