"""Keep a test run on this machine: a connection to anything but loopback is refused and reported.

The guard is a Python audit hook, so it sits below every library: whoever kept an own reference to
`socket.connect` is caught as well. Two things speak to the network without the socket module:
uvloop, whose loop is wrapped here, and libpq, which only gets the addresses of our own databases.
An audit hook cannot be removed; `install` is for a process that lives for tests.
"""

import ipaddress
import sys
from collections.abc import Callable, Coroutine

REFUSED: list[str] = []
"""Every refused attempt of this process, oldest first; the test's fixture empties it."""

_installed: list[bool] = []
_ADDRESS_AT = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1}
_HOST_AT = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0}


class NetworkRefusedError(RuntimeError):
    """A test tried to reach something outside this machine.

    Not an OSError: code that retries network failures must not swallow it as one of them.
    """


def is_local(host: object) -> bool:
    """Say whether a host, given as a name or an address, is this machine; no look-up happens."""
    if host is None:
        return True
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return False
    if host.lower() in {"", "localhost", "ip6-localhost"}:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def check(host: object, action: str) -> None:
    """Raise NetworkRefusedError, and remember it, unless the host is this machine."""
    if is_local(host):
        return
    report = f"{action} to {host!r}: tests reach loopback only"
    REFUSED.append(report)
    raise NetworkRefusedError(report)


def install() -> None:
    """Guard this process from now on; a second call changes nothing."""
    if not _installed:
        sys.addaudithook(_audit)
        _installed.append(True)


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event in _HOST_AT:
        check(arguments[_HOST_AT[event]], event)
    elif event in _ADDRESS_AT:
        address = arguments[_ADDRESS_AT[event]]
        # A path or bytes is a unix socket, None a socket that is connected already.
        if isinstance(address, tuple) and address:
            check(address[0], event)


def install_on_uvloop() -> None:
    """Guard what uvloop does in C: its own connections and look-ups.

    Apart from `install`, because importing uvloop costs a started process 60 ms: there the audit
    hook alone has to do, and it sees `sock_connect`, which is how aiohttp connects.
    """
    import uvloop

    for name in ("create_connection", "create_datagram_endpoint", "getaddrinfo"):
        setattr(uvloop.Loop, name, _guarded(name, getattr(uvloop.Loop, name)))


def _guarded(
    name: str, original: Callable[..., Coroutine[object, object, object]]
) -> Callable[..., Coroutine[object, object, object]]:
    async def guarded(loop: object, *args: object, **options: object) -> object:
        for host in _hosts(name, args, options):
            check(host, f"uvloop.{name}")
        return await original(loop, *args, **options)

    return guarded


def _hosts(name: str, args: tuple[object, ...], options: dict[str, object]) -> list[object]:
    """Find the hosts in the arguments of one of the loop's methods."""
    if name == "create_datagram_endpoint":
        remote = options.get("remote_addr", args[2] if len(args) > 2 else None)
        return [remote[0]] if isinstance(remote, tuple) else []
    position = 0 if name == "getaddrinfo" else 1
    return [args[position] if len(args) > position else options.get("host")]
