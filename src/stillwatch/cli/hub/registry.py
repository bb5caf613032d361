"""``stillwatch hub member|group|collection|key``: who belongs to the hub, and who may use what."""

from typing import Annotated

import typer

from stillwatch.cli.group import group
from stillwatch.cli.hub.place import (
    DEFAULT_STATE,
    AsJson,
    State,
    Store,
    changing,
    now,
    opened,
    show_facts,
    show_table,
    time_of,
)
from stillwatch.cli.streams import tell
from stillwatch.hub.access.member import Role
from stillwatch.hub.exchange.widening import tell_wider
from stillwatch.hub.hub import DEFAULT_ROOT
from stillwatch.hub.store import registry
from stillwatch.hub.timestamps import written
from stillwatch.sharing.stix.tlp import TLP

member_app = group("Members: organisations that read and contribute.")
group_app = group("Sharing groups: members who are addressed together.")
collection_app = group("Collections: what is kept apart, and who may use it.")
key_app = group("API keys: how a member's programs are known.")

Name = Annotated[str, typer.Argument(help="Name.", show_default=False)]


@member_app.command("add")
def add_member(
    name: Name,
    role: Annotated[Role, typer.Option(help=" ".join(f"{role}: {role.meaning}." for role in Role))] = Role.MEMBER,
    identity: Annotated[str | None, typer.Option(help="Id of its STIX identity, under which it signs.")] = None,
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Add a member and make its first key, which is shown once.

    Example:  stillwatch hub member add synthetic-provider-a
    """
    with changing(state, store, "member added", name, role=role.value) as connection:
        registry.add_member(connection, name, role, identity, now())
        made = registry.add_key(connection, name, now(), may_write=role is not Role.GUEST, label="first", expires=None)
    show_facts({"member": name, "role": role.value, "key": made.text}, as_json=as_json)
    tell("The key is shown this once; only its digest is kept.")


@member_app.command("list")
def list_members(state: State = DEFAULT_STATE, store: Store = None, as_json: AsJson = False) -> None:
    """List the members.

    Example:  stillwatch hub member list
    """
    with opened(state, store) as hub:
        found = hub.directory()
    rows = [
        [m.name, m.role.value, m.identity, sorted(found.groups[g] for g in m.groups), "suspended" if m.suspended else "active"]
        for m in found.members.values()
    ]
    show_table(["member", "role", "identity", "groups", "state"], rows, as_json=as_json)


@member_app.command("suspend")
def suspend_member(name: Name, state: State = DEFAULT_STATE, store: Store = None) -> None:
    """Shut a member out at once; what it contributed stays.

    Example:  stillwatch hub member suspend synthetic-provider-a
    """
    with changing(state, store, "member suspended", name) as connection:
        registry.suspend_member(connection, name, now())


@member_app.command("resume")
def resume_member(name: Name, state: State = DEFAULT_STATE, store: Store = None) -> None:
    """Let a suspended member in again.

    Example:  stillwatch hub member resume synthetic-provider-a
    """
    with changing(state, store, "member resumed", name) as connection:
        registry.suspend_member(connection, name, None)


@group_app.command("add")
def add_group(
    name: Name,
    member: Annotated[list[str] | None, typer.Option(help="A member of it; may stand more than once.")] = None,
    state: State = DEFAULT_STATE,
    store: Store = None,
) -> None:
    """Add a sharing group.

    Example:  stillwatch hub group add red-cell --member synthetic-provider-a --member synthetic-provider-b
    """
    with changing(state, store, "group added", name, members=member or []) as connection:
        registry.add_group(connection, name)
        for one in member or ():
            registry.join_group(connection, name, one)


@group_app.command("join")
def join_group(
    name: Name, member: Annotated[str, typer.Argument(help="Member.")], state: State = DEFAULT_STATE, store: Store = None
) -> None:
    """Put a member into a group; its next pull also fetches what the group was told before.

    Example:  stillwatch hub group join red-cell synthetic-provider-c
    """
    with changing(state, store, "group joined", name, member=member) as connection:
        registry.join_group(connection, name, member)
        tell_wider(connection, [registry.member_number(connection, member)], now())


@group_app.command("leave")
def leave_group(
    name: Name, member: Annotated[str, typer.Argument(help="Member.")], state: State = DEFAULT_STATE, store: Store = None
) -> None:
    """Take a member out of a group.

    Example:  stillwatch hub group leave red-cell synthetic-provider-c
    """
    with changing(state, store, "group left", name, member=member) as connection:
        registry.leave_group(connection, name, member)


@group_app.command("list")
def list_groups(state: State = DEFAULT_STATE, store: Store = None, as_json: AsJson = False) -> None:
    """List the groups and their members.

    Example:  stillwatch hub group list
    """
    with opened(state, store) as hub:
        found = hub.directory()
    rows = [[name, sorted(m.name for m in found.members.values() if number in m.groups)] for number, name in found.groups.items()]
    show_table(["group", "members"], rows, as_json=as_json)


Subject = Annotated[list[str] | None, typer.Option(help="everyone, group:NAME or member:NAME; may stand more than once.")]


@collection_app.command("add")
def add_collection(
    title: Annotated[str, typer.Argument(help="Title.", show_default=False)],
    alias: Annotated[str | None, typer.Option(help="A short name that addresses it, too.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    reader: Subject = None,
    writer: Subject = None,
    unmarked: Annotated[TLP, typer.Option(help="The TLP level of what bears none.")] = TLP.RED,
    open_to_any: Annotated[
        bool,
        typer.Option("--open", help="Take any STIX 2.0 or 2.1 object; no guard, no signature check (a plain TAXII collection)."),
    ] = False,
    identifier: Annotated[str | None, typer.Option("--id", help="Its UUID.  [default: a new one]", show_default=False)] = None,
    api_root: Annotated[str, typer.Option(help="API root that it belongs to.")] = DEFAULT_ROOT,
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Make a collection. Nobody but operators may use it until readers and writers are named.

    Example:  stillwatch hub collection add Campaigns --alias campaigns --reader everyone --writer everyone
    """
    new = registry.NewCollection(
        title=title,
        api_root=api_root,
        alias=alias,
        description=description,
        id=identifier,
        spec_versions=("2.0", "2.1") if open_to_any else ("2.1",),
        guarded=not open_to_any,
        unmarked=unmarked,
        readers=tuple(reader or ()),
        writers=tuple(writer or ()),
    )
    with changing(
        state, store, "collection added", title, readers=reader or [], writers=writer or [], open=open_to_any
    ) as connection:
        made = registry.add_collection(connection, new)
    show_facts({"collection": made, "alias": alias, "path": f"/{api_root}/collections/{made}/"}, as_json=as_json)


@collection_app.command("grant")
def grant(
    collection: Annotated[str, typer.Argument(help="Id or alias.", show_default=False)],
    subject: Annotated[str, typer.Argument(help="everyone, group:NAME or member:NAME.", show_default=False)],
    may_read: Annotated[bool, typer.Option("--read/--no-read", help="Whether it may read.")] = False,
    may_write: Annotated[bool, typer.Option("--write/--no-write", help="Whether it may add.")] = False,
    state: State = DEFAULT_STATE,
    store: Store = None,
) -> None:
    """Say what somebody may do with a collection, in place of what was said before; nothing, if neither is given.

    Example:  stillwatch hub collection grant campaigns group:red-cell --read --write
    """
    with changing(state, store, "rights granted", collection, to=subject, read=may_read, write=may_write) as connection:
        number = registry.collection_number(connection, collection)
        registry.grant(connection, number, subject, may_read=may_read, may_write=may_write)
        if may_read:
            tell_wider(connection, registry.called(connection, subject), now())


@collection_app.command("list")
def list_collections(state: State = DEFAULT_STATE, store: Store = None, as_json: AsJson = False) -> None:
    """List the collections.

    Example:  stillwatch hub collection list
    """
    with opened(state, store) as hub:
        found = hub.directory()
    rows = [
        [
            c.id,
            c.alias,
            c.title,
            c.api_root,
            "guarded" if c.guarded else "open",
            c.unmarked.value,
            [found.subject(one) for one in sorted(c.readers)],
            [found.subject(one) for one in sorted(c.writers)],
        ]
        for c in found.collections
    ]
    show_table(["id", "alias", "title", "api root", "receipt", "unmarked", "readers", "writers"], rows, as_json=as_json)


@key_app.command("add")
def add_key(
    member: Annotated[str, typer.Argument(help="Member.", show_default=False)],
    read_only: Annotated[bool, typer.Option("--read-only", help="It may not add or delete.")] = False,
    label: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    expires: Annotated[str | None, typer.Option(help="When it ends, such as 2027-01-01T00:00:00Z.")] = None,
    state: State = DEFAULT_STATE,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Make a key for a member; it is shown once.

    Example:  stillwatch hub key add synthetic-provider-a --read-only --label siem
    """
    with changing(state, store, "key made", member, read_only=read_only) as connection:
        made = registry.add_key(
            connection,
            member,
            now(),
            may_write=not read_only,
            label=label,
            expires=time_of(expires, "--expires") if expires else None,
        )
    show_facts({"member": member, "id": made.id, "key": made.text}, as_json=as_json)
    tell("The key is shown this once; only its digest is kept.")


@key_app.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="Id of the key.")], state: State = DEFAULT_STATE, store: Store = None
) -> None:
    """End a key, and the access tokens that were given for it, at once.

    Example:  stillwatch hub key revoke 0123456789abcdef
    """
    with changing(state, store, "key revoked", key) as connection:
        registry.revoke_key(connection, key, now())


@key_app.command("list")
def list_keys(state: State = DEFAULT_STATE, store: Store = None, as_json: AsJson = False) -> None:
    """List the keys, without their secrets.

    Example:  stillwatch hub key list
    """
    with opened(state, store) as hub:
        found = hub.directory()
    rows = [
        [
            key.id,
            found.members[key.member].name,
            "read and write" if key.may_write else "read",
            key.label,
            written(key.expires) if key.expires is not None else None,
            "revoked" if key.revoked else "valid" if key.holds(now()) else "ended",
        ]
        for key in found.keys.values()
    ]
    show_table(["id", "member", "may", "label", "expires", "state"], rows, as_json=as_json)
