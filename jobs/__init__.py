"""What happens by itself: the worker, mails on their way, the index kept up to date, the bundled Redis.

Imports the core and `search`, no other surface. A job takes ids, calls one function, can run twice.
"""
