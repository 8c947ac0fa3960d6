"""`python -m trainwatch` is the command `trainwatch`."""

from trainwatch.cli import main

main(prog_name="trainwatch")
