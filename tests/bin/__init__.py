"""The scripts of `bin`, run as they are typed."""
