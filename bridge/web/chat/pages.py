"""The pages themselves: join, chat, another device, sign out.

1. Opening a link changes nothing, for previews open links too: only the button joins.
2. The form of a page names the endpoint it will make, so that sending it again over a slow line
   is known as the same attempt and does not use the code up in vain.
3. A code of a page that is open elsewhere opens the same endpoint here; every other code goes to
   the front desk like one that came from any messenger.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import jinja2
import msgspec
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bridge.core.errors import StoreError
from bridge.core.notices import NoticeKey
from bridge.runtime.codes import code_hash, new_typed_code
from bridge.runtime.texts import LANGUAGES, language_of
from bridge.web.chat import posting, reading
from bridge.web.chat import visit as v
from bridge.web.chat.texts import texts
from bridge.web.sessions import caller_of, is_same_site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bridge.web.chat.visit import Chat, Visit

CODE_MINUTES = 15
MAX_FORM = 4096
MAX_CODE = 64
_HERE = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)


def _page(name: str, language: str, status: int = 200, **more: object) -> HTMLResponse:
    own = language_of(language)
    body = _templates.get_template(name).render(t=texts(own), language=own, **more)
    return HTMLResponse(body, status, v.HEADERS)


def _spoken(request: Request) -> str:
    """Return the first language of the browser that we speak."""
    for tag in request.headers.get("accept-language", "")[:200].split(","):
        name = tag.partition(";")[0].strip().lower()
        if name.partition("-")[0] in LANGUAGES:
            return language_of(name)
    return language_of("")


def _go(path: str) -> Response:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER, v.HEADERS)


# -- coming in -----------------------------------------------------------------------------------


async def join_page(chat: Chat, request: Request) -> Response:
    """Show the button that joins, or a field for a code."""
    visit = await v.visit_of(chat, request)
    code = str(request.path_params.get("code", ""))[:MAX_CODE]
    if visit is not None and not code:
        return _go("/chat")
    language = visit.language if visit is not None else _spoken(request)
    return _join(chat, language, code)


def _join(chat: Chat, language: str, code: str, trouble: str = "", status: int = 200) -> Response:
    seed = secrets.token_urlsafe(24)
    level = chat.adapter.capabilities.protection.value
    told = chat.texts.say(NoticeKey(f"protection_{level}"), language)
    return _page(
        "join.html", language, status, code=code, seed=seed, trouble=trouble, protection=told
    )


async def join(chat: Chat, request: Request) -> Response:
    """Make a session for this browser, and hand its code to the front desk."""
    language = _spoken(request)
    if not is_same_site(request.headers):
        return _join(chat, language, "", "foreign", HTTPStatus.FORBIDDEN)
    form = await _form(request)
    code = form.get("code", "").strip()[:MAX_CODE]
    if not chat.joins.takes(caller_of(request)):
        return _join(chat, language, code, "busy", HTTPStatus.TOO_MANY_REQUESTS)
    try:
        return await _joined(chat, request, code, form.get("seed", ""), language)
    except StoreError:
        return _join(chat, language, code, "away", HTTPStatus.SERVICE_UNAVAILABLE)


async def _joined(chat: Chat, request: Request, code: str, seed: str, language: str) -> Response:
    response = _go("/chat")
    hashed = code_hash(code)
    elsewhere = await chat.writer.submit(lambda unit: unit.web.take_code(hashed, chat.account))
    if elsewhere:
        await v.open_session(chat, response, elsewhere, language)
        return response
    visit = await v.visit_of(chat, request)
    address = visit.address if visit is not None else _address(seed)
    if visit is None:
        await v.open_session(chat, response, address, language)
    if code:
        act = {"type": "start", "id": f"start-{hashed[:32]}", "code": code}
        answer = await posting.keep(chat, address, language, msgspec.json.encode(act))
        if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            raise StoreError("the code could not be kept")
    return response


def _address(seed: str) -> str:
    """Return the endpoint that a form makes; nobody can guess one of somebody else's."""
    chosen = seed if 24 <= len(seed) <= 64 else secrets.token_urlsafe(24)
    digest = hashlib.sha256(b"webchat\0" + chosen.encode()).digest()[:15]
    return base64.urlsafe_b64encode(digest).decode()


async def _form(request: Request) -> Mapping[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=10))


# -- being there ---------------------------------------------------------------------------------


async def chat_page(chat: Chat, request: Request) -> Response:
    """Show the conversation; its lines are fetched by the page."""
    visit = await v.visit_of(chat, request)
    if visit is None:
        return _go("/chat/join")
    if visit.session.stale:
        await chat.writer.submit(lambda unit: unit.web.touch_session(visit.token_hash))
    wanted = request.query_params.get("conversation", "")
    now = reading.conversation_of(visit, wanted) or reading.conversation_of(visit, "")
    said = texts(visit.language)
    others = visit.reader.conversations if visit.reader is not None else ()
    titles = {
        one.trajectory: ", ".join(one.names[person] for person in one.others) or said["nobody"]
        for one in others
    }
    data = {
        "who": hashlib.sha256(visit.address.encode()).hexdigest()[:16],
        "conversation": now.trajectory if now else "",
        "language": language_of(visit.language),
        "texts": said,
        "maxBytes": chat.max_bytes,
    }
    return _page(
        "chat.html",
        visit.language,
        now=now.trajectory if now else "",
        closed=now.closed if now else False,
        deciding=now.deciding if now else False,
        title=titles[now.trajectory] if now else said["title"],
        titles=titles,
        data=msgspec.json.encode(data).decode(),
    )


async def device_code(chat: Chat, request: Request) -> Response:
    """Give a code that opens this endpoint's page on another device."""
    visit = await _own_call(chat, request)
    if isinstance(visit, Response):
        return visit
    code = new_typed_code()
    hashed, address = code_hash(code), visit.address
    await chat.writer.submit(
        lambda unit: unit.web.put_code(hashed, chat.account, address, CODE_MINUTES)
    )
    url = f"{chat.public_url}/chat/join/{code}"
    return v.said(200, code=code, url=url, minutes=CODE_MINUTES, drawn=_drawn(url))


def _drawn(url: str) -> list[str]:
    """Return a QR code as rows of 0 and 1, for the page to draw."""
    import segno

    made = segno.make(url, error="m", micro=False)
    return ["".join("1" if dark else "0" for dark in row) for row in made.matrix]


async def sign_out_others(chat: Chat, request: Request) -> Response:
    """End the sessions of this endpoint on other devices."""
    visit = await _own_call(chat, request)
    if isinstance(visit, Response):
        return visit
    count = await chat.writer.submit(
        lambda unit: unit.web.end_other_sessions(visit.token_hash, chat.account, visit.address)
    )
    return v.said(200, count=count)


async def leave(chat: Chat, request: Request) -> Response:
    """End this session."""
    visit = await _own_call(chat, request)
    if isinstance(visit, Response):
        return visit
    await chat.writer.submit(lambda unit: unit.web.end_session(visit.token_hash))
    response = v.said(200, ended=True)
    chat.cookie.take(response)
    return response


async def _own_call(chat: Chat, request: Request) -> Visit | Response:
    if not is_same_site(request.headers):
        return v.said(403, error="not_ours")
    visit = await v.visit_of(chat, request)
    if visit is None:
        return v.said(401, error="no_session")
    if not chat.acts.takes(visit.address):
        return v.said(429, error="too_many")
    return visit


# -- files of the page ---------------------------------------------------------------------------


def static_files() -> dict[str, tuple[bytes, str, str]]:
    """Return our own files by name: bytes, type and tag."""
    found = {}
    for path in sorted((_HERE / "static").iterdir()):
        kind = _TYPES.get(path.suffix)
        if kind is not None:
            body = path.read_bytes()
            found[path.name] = body, kind, f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return found


def static_response(files: Mapping[str, tuple[bytes, str, str]], request: Request) -> Response:
    """Give one of our own files; the browser asks each time whether it is still the same."""
    known = files.get(request.path_params["name"])
    if known is None:
        return v.said(404, error="nothing_here")
    body, kind, tag = known
    headers = {"Cache-Control": "no-cache", "ETag": tag, "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)
