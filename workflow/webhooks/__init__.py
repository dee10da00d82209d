"""Webhooks: programs of others that are told, signed, of what happens."""
