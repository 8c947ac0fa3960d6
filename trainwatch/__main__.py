"""The command `trainwatch`, also as `python -m trainwatch`."""

import sys


def main() -> None:
    """Do what was typed. What `trainwatch run` runs waits for no import that it can do without."""
    if sys.argv[1:2] == ["run"]:
        from trainwatch.companion.command import run  # noqa: PLC0415

        run(sys.argv[2:], prog_name="trainwatch run")
    else:
        from trainwatch.cli import main as commands  # noqa: PLC0415

        commands(prog_name="trainwatch")


if __name__ == "__main__":
    main()
