"""What the program tells its operator: structured lines on standard error.

1. No token, secret or word of a message is ever logged (I14). Callers log ids, codes and counts;
   what slips through is cut here: values under a telling name, tokens of a known shape, and every
   secret of the settings wherever it appears.
2. An exception is logged by its class and place, never by its arguments or locals.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import traceback
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

if "rich" not in sys.modules:
    # structlog loads it, 5 MB, only to draw tracebacks, which are never shown here (rule 2).
    sys.modules["rich"] = None  # type: ignore[assignment]  # "not there", as the import system says
    import structlog

    del sys.modules["rich"]
else:
    import structlog

REDACTED = "[redacted]"
_NAMES = re.compile(
    r"token|secret|password|authorization|api_?key|^key$|^code$|^text$|^body$|^content$|^caption$"
    r"|^payload$|^params$|^message$|^words$|^label$|^link$",
    re.IGNORECASE,
)
_SHAPES = re.compile(
    r"\d{6,12}(?::|%3A)[A-Za-z0-9_-]{30,}"  # a Telegram bot token, also within a URL
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in a URL
)
# How asyncio tells of a task that failed: the arguments of an exception may be somebody's words.
_FAILED_TASK = re.compile(r"(exception=\w+)\(.*", re.DOTALL)
_SHORTEST = 6  # a shorter secret would blank out ordinary words

Event = MutableMapping[str, Any]


class Redact:
    """A processor that cuts secrets out of an event before it is rendered."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({s for s in secrets if len(s) >= _SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, logger: object, method: str, event: Event) -> Event:
        """Return the event with nothing secret in it."""
        del logger, method
        for name, value in event.items():
            event[name] = self.cut(value) if name == "event" else self._cut_named(name, value)
        return event

    def cut(self, value: object) -> object:
        """Return a value without secrets; what is no number, list or table becomes text."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, bytes | bytearray | memoryview):
            return REDACTED
        if isinstance(value, Mapping):
            return {str(name): self._cut_named(str(name), one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.cut(one) for one in value]
        text = _FAILED_TASK.sub(r"\1", _SHAPES.sub(REDACTED, str(value)))
        return self._known.sub(REDACTED, text) if self._known else text

    def _cut_named(self, name: str, value: object) -> object:
        return REDACTED if _NAMES.search(name) else self.cut(value)


class _StandardError(logging.Handler):
    """Writes to what standard error is at the moment; never raises, never shows a record."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(self.format(record) + "\n")


def set_up(level: str = "info", form: str = "console", secrets: Iterable[str] = ()) -> None:
    """Send the lines of the bridge and of its libraries to standard error, redacted.

    ``form`` is ``console`` or ``json``; ``secrets`` are values that must never be shown.
    """
    redact = Redact(secrets)
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _place_of_exception,
        redact,
    ]
    renderer: structlog.types.Processor = structlog.processors.JSONRenderer()
    if form == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries log whole requests and payloads below this.
    root.setLevel(max(number, logging.WARNING))


def _place_of_exception(logger: object, method: str, event: Event) -> Event:
    """Replace an exception by its class and the place it was raised at."""
    del logger, method
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)
        if frames:
            event["at"] = f"{frames[-1].filename}:{frames[-1].lineno}"
    return event
