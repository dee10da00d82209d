"""What the commands of `vivier` do: one function a command, which takes the settings first.

`web.cli` imports them when they are called. No rules here: they call `workflow`, `search`, `jobs` and `web.app`.
"""
