"""``stillwatch console``: the analysts' pages, and who may use them."""

import getpass
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.cli.group import group
from stillwatch.cli.members import DEFAULT_CONFIG, AsJson, Config
from stillwatch.cli.streams import print_json, tell
from stillwatch.console.access.database import Database
from stillwatch.console.access.people import People
from stillwatch.console.access.role import Role
from stillwatch.errors import UsageError
from stillwatch.vocabulary.printable import one_line

app = typer.Typer(
    help="The analysts' pages over a scan, its cases and what is shared.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
user = group("Who may use the console.")
app.add_typer(user, name="user")

DEFAULT_USERS = Path("stillwatch-console.sqlite")
Users = Annotated[Path, typer.Option("--users", envvar="STILLWATCH_CONSOLE_USERS", help="The console's own file of users.")]


@app.callback()
def console(
    context: typer.Context,
    scan: Annotated[Path, typer.Option(help="Folder that scan wrote.")] = Path("stillwatch-out"),
    requests: Annotated[
        list[str] | None, typer.Option(help="Request logs, for samples of text and replays. May stand more than once.")
    ] = None,
    accounts: Annotated[
        Path | None, typer.Option(help="Table of accounts, for tokens in a share and plans in a replay.", show_default=False)
    ] = None,
    cases: Annotated[
        str, typer.Option(envvar="STILLWATCH_CASES", help="File or URL (postgresql://…) of the cases.")
    ] = "stillwatch-cases.sqlite",
    feed: Annotated[Path | None, typer.Option(help="The feed's file or its folder.  [default: of the settings]")] = None,
    ledger: Annotated[Path | None, typer.Option(help="The ledger's file.  [default: of the settings]")] = None,
    gateway: Annotated[Path | None, typer.Option(help="Folder of the gateway.", show_default=False)] = None,
    hub: Annotated[str | None, typer.Option(help="URL of the hub; for its operator, the hub's folder.", show_default=False)] = None,
    hub_key: Annotated[Path | None, typer.Option(help="File with the member's key at the hub.", show_default=False)] = None,
    outbox: Annotated[Path, typer.Option(help="Folder for approved shares.")] = Path("stillwatch-outbox"),
    oidc: Annotated[Path | None, typer.Option(help="Settings of single sign-on, TOML.", show_default=False)] = None,
    users: Users = DEFAULT_USERS,
    config: Config = DEFAULT_CONFIG,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.", min=1, max=65535)] = 8042,
    public_url: Annotated[str | None, typer.Option(help="What browsers see in front of a proxy: https://…")] = None,
) -> None:
    """Serve the analysts' pages; sign in at the address that is printed.

    Example:  stillwatch console user add ada --role analyst && stillwatch console --scan stillwatch-out
    """
    if context.invoked_subcommand is not None:
        return
    from stillwatch.cli.console.desk import opened
    from stillwatch.console.server import check_port, serve
    from stillwatch.console.settings import Settings

    settings = Settings(
        scan, users, config, tuple(requests or ()), accounts, feed, ledger, gateway, cases, hub, hub_key, outbox, oidc, host, port,
        public_url,
    )  # fmt: skip
    settings.check()
    if not People(Database(users)).all() and oidc is None:
        cure = "add one: stillwatch console user add NAME --role admin"
        raise UsageError("nobody could sign in: there are no users yet", place=str(users), cure=cure)
    check_port(host, port)
    tell(f"Open {settings.origin}/ (stop with Ctrl+C)")
    serve(opened(settings))


@user.command()
def add(
    name: Annotated[str, typer.Argument(help="Name of the user.", show_default=False)],
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.ANALYST,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False,
    users: Users = DEFAULT_USERS,
    as_json: AsJson = False,
) -> None:
    """Add a user; the password is asked for, or read from standard input.

    Example:  stillwatch console user add ada --role counsel
    """
    word = sys.stdin.readline().rstrip("\n") if password_stdin or not sys.stdin.isatty() else _asked()
    People(Database(users)).add(name, role, word, int(time.time()))
    if as_json:
        print_json({"added": name, "role": role})
    else:
        tell(f"{name} may sign in as {role}")


@user.command("list")
def list_users(users: Users = DEFAULT_USERS, as_json: AsJson = False) -> None:
    """List the users.

    Example:  stillwatch console user list
    """
    people = People(Database(users)).all()
    if as_json:
        print_json({"users": people})
        return
    table = Table("Name", "Role", "Vouched for by", "Passkeys")
    for person in people:
        table.add_row(one_line(person.name), person.role, one_line(person.source), str(person.passkeys))
    Console().print(table)


@user.command()
def remove(
    name: Annotated[str, typer.Argument(help="Name of the user.", show_default=False)],
    users: Users = DEFAULT_USERS,
    as_json: AsJson = False,
) -> None:
    """Remove a user, who is signed out at once.

    Example:  stillwatch console user remove ada
    """
    People(Database(users)).remove(name)
    if as_json:
        print_json({"removed": name})
    else:
        tell(f"{name} is removed")


def _asked() -> str:
    first, second = getpass.getpass("Password: "), getpass.getpass("Again: ")
    if first != second:
        raise UsageError("the two passwords differ", place="password", cure="type the same twice")
    return first
