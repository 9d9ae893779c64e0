"""All commands; each parses, opens what it needs and calls a door. Imports wait until then."""

from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli import inbox_commands
from bridge.cli.options import ConfigOption, JsonOption, before_command, load_settings, opened
from bridge.core.delivery import OPEN, DeliveryState
from bridge.core.errors import BridgeError
from bridge.runtime.tokens import Scope

app = typer.Typer(
    name="coachbridge",
    help="Coach and client talk, each in their own messenger; everything in one trajectory log.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(inbox_commands.app, name="inbox")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"coachbridge {metadata.version('coachbridge')}")
        raise typer.Exit


@app.callback()
def root(
    config: ConfigOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Coach and client talk, each in their own messenger; everything in one trajectory log."""
    del version
    before_command.set(config)


@app.command()
def serve(config: ConfigOption = None) -> None:
    """Run everything in one process until told to stop."""
    settings = load_settings(config, quiet=False)
    from bridge.cli.serving import serve as run

    run(settings)


@app.command()
def worker(config: ConfigOption = None) -> None:
    """Run one more process beside `serve`, to share the work; needs PostgreSQL."""
    settings = load_settings(config, quiet=False)
    from bridge.cli.serving import work as run

    run(settings)


@app.command()
def migrate(config: ConfigOption = None) -> None:
    """Bring the database to this version; does nothing when it is there."""
    settings = load_settings(config)
    from storage.engine import migrate as run

    run(settings.store.url)
    if settings.keys.ledger.exists():
        with opened(config):  # what was erased is erased again, should this be an older copy
            pass
    typer.echo("the database is at this version")


@app.command()
def doctor(
    config: ConfigOption = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Only ask a running bridge whether it is ready.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check settings, key, store, clock and each account, and say what to do."""
    from bridge.cli import doctor as checks
    from bridge.cli import show
    from bridge.core.probing import Grade

    settings = load_settings(config)
    well = True
    for finding in checks.probe(settings) if probe else checks.examine(settings):
        typer.echo(show.as_json(finding) if as_json else checks.line(finding))
        well = well and finding.grade is not Grade.WRONG
    raise typer.Exit(0 if well else 1)


@app.command()
def demo(
    port: Annotated[
        int | None, typer.Option(help="The page's port; otherwise 8080, or a free one.", min=0)
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the page's address.")
    ] = False,
    script: Annotated[
        bool, typer.Option("--script", help="Tell a story in the terminal instead, and end.")
    ] = False,
) -> None:
    """Show the bridge at work with made-up people, in a browser; touches nothing of yours."""
    from bridge import demo as run

    if script:
        run.play()
    else:
        run.serve(port, open_browser=not no_browser)


@app.command()
def apply(
    practice: Annotated[Path, typer.Argument(help="The practice file, such as practice.toml.")],
    config: ConfigOption = None,
) -> None:
    """Bring people and trajectories in line with a file; prints what changed."""
    from bridge.cli import applying

    with opened(config) as offline:
        applying.apply_file(offline, practice)


@app.command()
def invite(
    trajectory: Annotated[str, typer.Argument(help="The trajectory's id.")],
    person: Annotated[str, typer.Argument(help="The person's id; a party of the trajectory.")],
    network: Annotated[str, typer.Option(help="Only a link for this network.")] = "",
    qr: Annotated[bool, typer.Option("--qr", help="Show each link as a QR code too.")] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="They lost what they had: the new one takes its place."),
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Make an invitation; prints a link and a code to type, each good for one use."""
    from bridge.cli import inviting

    with opened(config) as offline:
        for line in inviting.invite(offline, trajectory, person, network, qr=qr, replace=replace):
            typer.echo(line)


@app.command("console-link")
def console_link(
    person: Annotated[str, typer.Argument(help="The coach's id.")],
    config: ConfigOption = None,
) -> None:
    """Print a link that signs a coach in to the console once, within 15 minutes."""
    from bridge.runtime import sign_in

    public_url = load_settings(config).web.public_url
    with opened(config) as offline:
        code = offline.writer.run(lambda unit: sign_in.issue(unit, person))
    typer.echo(sign_in.sign_in_url(public_url, code))


@app.command()
def token(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do: read, write; may be repeated.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="Days until it runs out; otherwise never.")
    ] = None,
    show_all: Annotated[bool, typer.Option("--list", help="List this person's tokens.")] = False,
    revoke: Annotated[str, typer.Option(help="The id of a token to revoke.")] = "",
    config: ConfigOption = None,
) -> None:
    """Make, list or revoke the tokens with which programs use the API for a person."""
    from bridge.cli import tokens

    with opened(config) as offline:
        if revoke:
            typer.echo(tokens.revoke(offline, person, revoke))
            return
        wanted = scope or [Scope.READ]
        told = (
            tokens.listed(offline, person)
            if show_all
            else tokens.make(offline, person, wanted, days)
        )
        for line in told:
            typer.echo(line)


@app.command()
def log(
    trajectory: Annotated[str, typer.Argument(help="The trajectory's id.")],
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Print a trajectory log; as JSON one object per line."""
    from bridge.cli import show
    from storage import queries

    with opened(config, create=False) as offline:
        if queries.trajectory(offline.store, trajectory) is None:
            raise BridgeError(f"there is no trajectory {trajectory!r}; see the ids in your file")
        for line in queries.log(offline.store, trajectory):
            typer.echo(show.as_json(line) if as_json else show.log_line(line))


@app.command()
def export(
    trajectory: Annotated[str, typer.Argument(help="The trajectory's id.")],
    out: Annotated[Path, typer.Option(help="The zip file to write; it must not exist.")],
    config: ConfigOption = None,
) -> None:
    """Write a trajectory to one zip: log, page to read, files, and proof that it is whole."""
    from bridge.cli import exporting

    with opened(config, create=False) as offline:
        typer.echo(exporting.export(offline, trajectory, out))


@app.command()
def audit(as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Check every invariant that can be checked over the data; exit 0 only if all hold."""
    from bridge.cli import show
    from storage.audit import audit as run

    with opened(config, create=False, erase_again=False) as offline:
        found = run(offline.store)
    typer.echo(show.as_json(found) if as_json else show.audit(found))
    raise typer.Exit(0 if found.holds else 1)


@app.command()
def erase(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    trajectory: Annotated[
        str, typer.Option(help="Only their words in this trajectory; they stay known otherwise.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Destroy a person's words, files, name and addresses for good; the logs stay whole."""
    from bridge.cli import keeping

    keeping.confirm(person, trajectory, sure=yes)
    settings = load_settings(config)
    with opened(config, create=False) as offline:
        for line in keeping.erase(offline, settings, person, trajectory):
            typer.echo(line)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    config: ConfigOption = None,
) -> None:
    """Copy the database to one file, while it is served; the key is not in it."""
    settings = load_settings(config)
    from storage.backup import back_up

    back_up(settings.store.url, file)
    typer.echo(f"{file}: {file.stat().st_size} bytes; keep the key and the ledger elsewhere")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `coachbridge backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where a store is; what it holds is lost.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Put a backup back, erase again who was erased since, and audit it."""
    settings = load_settings(config)
    from bridge.cli import keeping

    for line in keeping.restore(settings, file, replace=replace):
        typer.echo(line)


@app.command()
def outbox(
    state: Annotated[
        DeliveryState | None, typer.Option(help="Only this state; otherwise all that are open.")
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """List deliveries and what holds them up."""
    from bridge.cli import show
    from storage import queries

    with opened(config, create=False) as offline:
        for row in queries.outbox(offline.store, state):
            if state is not None or row.state in OPEN:
                typer.echo(show.as_json(row) if as_json else show.outbox_row(row))
