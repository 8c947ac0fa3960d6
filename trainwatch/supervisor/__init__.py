"""The small process that owns one attempt of a job: it starts it, keeps its log, ends all of it, and writes down how.

Whoever starts jobs opens `launch`, `attempt`, `stop`, `survivors`, `log_reader` and `reason`; the
process itself is `run`. What lies between them is a folder for each attempt (`folder`), so a server
that died and came back finds everything.

Standard library only, Python 3.10 or later: the training agent takes this to other machines. The
modules that `run` imports leave out what would double its memory: dataclasses, pathlib, subprocess.
"""
