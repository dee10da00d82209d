"""Alerts: what candidates want to hear of, the runs that look for it, and the digests that tell them."""
