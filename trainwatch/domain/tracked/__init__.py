"""Tracked tasks: what AI agents work on, in iterations, towards criteria, for money.

`change` is what somebody says of such a task, `progress` how it stands, `course` how the one alters the other.
The server, a tracker on a file and a tracker far away all go by these same functions.
"""
