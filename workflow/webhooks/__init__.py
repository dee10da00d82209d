"""Webhooks: programs of others that are told, signed, of what happens.

Here live the subscriptions, what is told, how it is signed, which addresses may be called and what becomes of
each try; the calls themselves are made by the worker. Machines name the events; nothing of a person is told.
"""
