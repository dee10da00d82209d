"""What pages of any surface share: the frame, templates, cookies, flash messages, errors as HTTP.

`admin` uses it too; it imports no page and no handler.
"""
