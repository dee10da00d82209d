"""Mails: one folder a kind with its texts, the rendering of them, the mailbox of a copy that sends none.

A folder's name is the outbox kind; `_layout` is what all mails share. Nothing here sends or reads rows.
"""
