"""Coming in to the console: logging in, the second factor, mailed links, one's own account."""
