"""The forms about prepaid minutes: agree on a package, count some, answer what is proposed."""

from __future__ import annotations

import re
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from bridge.web import budgeting
from bridge.web.console import agreed, forms

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from bridge.web.console.visit import Visit

_NUMBER = re.compile(r"[-+−–]?\d{1,5}")
ANSWERS = frozenset({"count", "leave"})


async def package(visit: Visit) -> Response:
    """Agree on a package, or correct one."""
    return await _minutes(visit, "package", budgeting.grant)


async def time(visit: Visit) -> Response:
    """Count minutes, or take some back."""
    return await _minutes(visit, "time", budgeting.note)


async def take(visit: Visit) -> Response:
    """Count what she wrote, or leave it."""
    name = await visit.trajectory()
    form = await visit.form()
    what = forms.text(form, "what")
    if what not in ANSWERS:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    work = partial(
        budgeting.take,
        catalogue=visit.console.catalogue,
        trajectory=name,
        coach=visit.person.id,
        seq=int(visit.request.path_params["seq"]),
        yes=what == "count",
    )
    return await agreed.carry_out(visit, name, "time", form, work, f"time_{what}")


async def _minutes(visit: Visit, name: str, work: Callable[..., str]) -> Response:
    trajectory = await visit.trajectory()
    form = await visit.form()
    said = forms.text(form, "minutes").strip()
    if _NUMBER.fullmatch(said) is None:
        return await agreed.answer(visit, trajectory, name, form, "not_a_number")
    asked = partial(
        work,
        catalogue=visit.console.catalogue,
        trajectory=trajectory,
        coach=visit.person.id,
        minutes=int(re.sub("[−–]", "-", said)),
        reason=forms.text(form, "reason"),
    )
    return await agreed.carry_out(visit, trajectory, name, form, asked)
