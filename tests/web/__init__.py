"""The surfaces as their visitors meet them: requests in, pages out."""
