"""What a job prints, read for progress and metrics with no change to its code.

`passes.Passes` turns bytes into lines, `reader.Reader` turns lines into observations. A rule is a small module
that knows one family of programs; `course` knows how bars, epochs and steps make up the progress of a whole run.
"""
