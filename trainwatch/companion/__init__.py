"""What runs beside a command typed in a terminal (`trainwatch run`): reads what it prints, reports it, and stops it.

The command stays where it was typed: in the same session and process group, with the same standard input. Only
what it prints goes through us, into a terminal where it went to one, else into a pipe. So Ctrl-C, Ctrl-Z and all
that the kernel does with a job of a shell needs no help from us. `command` is what is typed, `session` the whole of it.
"""
