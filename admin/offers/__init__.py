"""Offers as recruiters write, publish, schedule, import and close them."""
