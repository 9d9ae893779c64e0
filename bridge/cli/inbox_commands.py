"""The inbox: what came in and is not handled; a parked payload can be tried again."""

from typing import Annotated

import typer

from bridge.cli.options import ConfigOption, JsonOption, opened
from bridge.core.errors import BridgeError

app = typer.Typer(
    help="List what waits in the inbox, or try a parked payload again.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@app.callback()
def inbox(
    context: typer.Context,
    parked: Annotated[bool, typer.Option("--parked", help="Only what could not be read.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """List what waits in the inbox, or try a parked payload again."""
    if context.invoked_subcommand is not None:
        return
    from bridge.cli import show
    from storage import queries

    with opened(config, create=False) as offline:
        for row in queries.inbox(offline.store, parked=parked):
            typer.echo(show.as_json(row) if as_json else show.inbox_row(row))


@app.command()
def retry(
    number: Annotated[int, typer.Argument(metavar="ID", help="The number in the list.")],
    config: ConfigOption = None,
) -> None:
    """Hand a parked payload to the bridge once more."""
    with opened(config, create=False) as offline:
        if not offline.writer.run(lambda unit: unit.retry(number)):
            raise BridgeError(f"nothing with number {number} is parked; see: inbox --parked")
    typer.echo(f"{number} will be handled again by the running bridge")
