"""The users, for administrators."""

from stillwatch.console.access.role import Role
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.visit import Visit
from stillwatch.errors import UsageError


def users(visit: Visit) -> Answer:
    """Everybody who may sign in."""
    people = visit.desk.people.all()
    return Page("users.html", "Users", {"users": people}, {"roles": list(Role)})


def add(visit: Visit) -> Answer:
    """Add a user with a first password. Raises UsageError."""
    try:
        role = Role(visit.word("role"))
    except ValueError as error:
        raise UsageError("no such role", place="role", cure=f"choose one of {', '.join(Role)}") from error
    visit.desk.people.add(visit.word("name"), role, visit.form.get("password", ""), visit.now)
    return Redirect("/users", "user-added")


def remove(visit: Visit) -> Answer:
    """Remove a user, but not oneself. Raises UsageError."""
    name = visit.word("name")
    if name == visit.person.name:
        raise UsageError("nobody removes themselves", place=name, cure="let another administrator do it")
    visit.desk.people.remove(name)
    return Redirect("/users", "user-removed")
