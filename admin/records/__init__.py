"""What administrators look up: the audit, deliveries, and the house's own synonyms."""
