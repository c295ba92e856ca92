"""The commands of `dddcli`, one module a group: each is a few lines and calls one function.

What is slow to import is imported inside the command that needs it, so that `dddcli --help` and shell
completion answer at once.
"""
