"""Run the program without its rounds: `python seldom.py serve …`.

It looks for what other processes left once an hour, so whatever it does sooner it was woken for.
"""


def main() -> None:
    """Make the rounds rare, then be the program."""
    from bridge.cli import main as program
    from bridge.runtime import service

    service.SWEEP_EVERY = 3600.0
    program()


if __name__ == "__main__":
    main()
