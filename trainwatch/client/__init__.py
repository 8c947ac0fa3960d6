"""A program's way to report to a TrainWatch server, on this machine or another. Standard library only; alone.

`hook.Hook` sends one report; `reporter.Reporter` sends them from a thread of its own, and never makes anybody wait.
"""
