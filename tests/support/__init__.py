"""Real servers for the tests: PostgreSQL, Valkey, SMTP, the portal itself. No fakes."""
