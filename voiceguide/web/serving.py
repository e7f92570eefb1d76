"""One running server: its sockets, its addresses, its end."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import socket
import ssl
from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from voiceguide.catalogue.podcast import Podcast
from voiceguide.errors import UsageError, VoiceguideError
from voiceguide.practice import state
from voiceguide.web.asked import Server
from voiceguide.web.lives import LiveSessions
from voiceguide.web.rendered import is_running
from voiceguide.web.security import Passes
from voiceguide.web.sent import Sent

_RUNNING = "serve.json"
_EVERYWHERE = "0.0.0.0"
_LOCAL = ("127.0.0.1", "localhost", "[::1]")


class Serving:
    """A server that is bound when it is entered, and runs when it is told to.

    Args:
        port: 1 to 65535, or 0 for any that is free.
        lan: whether others in the network may ask.
        https: files of a certificate and of its key.
        names: further names of this computer.
        host: the address to listen on, in place of what `lan` says.

    Attributes:
        passes: who is let in.
        note: what else is to be told, or None.
    """

    def __init__(
        self,
        port: int,
        *,
        lan: bool = False,
        https: tuple[Path, Path] | None = None,
        names: tuple[str, ...] = (),
        host: str | None = None,
    ) -> None:
        self._port, self._lan, self._https, self._names = port, lan, https, names
        self._host = host or (_EVERYWHERE if lan else "127.0.0.1")
        self._socket: socket.socket | None = None
        self._server: Any = None
        self._stack = contextlib.ExitStack()
        self.passes = Passes()
        self.lives = LiveSessions()
        self.note: str | None = None
        self._local_name: str | None = None

    def __enter__(self) -> Serving:
        """Raises UsageError: the port or the certificate can't be used."""
        if self._https is not None:
            _check_certificate(*self._https)
        with self._stack:
            self._socket = self._stack.enter_context(contextlib.closing(self._bound()))
            self._stack.callback(self.lives.close)
            self._stack.enter_context(_told(self.port, self.local_address))
            if self._host == _EVERYWHERE and (found := lan_address()):
                self._local_name, self.note = _announced(self._stack, found, self.port)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        assert self._socket is not None
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def local_address(self) -> str:
        """What is opened on this computer, with the token that lets the browser in."""
        host = "127.0.0.1" if self._host in (_EVERYWHERE, "127.0.0.1") else self._host
        return f"{self._scheme}://{host}:{self.port}/#t={self.passes.token}"

    def address(self) -> str | None:
        """What a phone opens, or None where none can."""
        if not self._lan:
            return None
        host = next(iter(self._names), None) or self._local_name or lan_address()
        return f"{self._scheme}://{host}:{self.port}/" if host else None

    @property
    def _scheme(self) -> str:
        return "https" if self._https else "http"

    def hosts(self) -> Collection[str]:
        """What the Host header may say."""
        known = {*_LOCAL, *self._names}
        if self._host != _EVERYWHERE:
            known.add(self._host)
        if self._lan:
            known |= {address for address in (lan_address(), self._local_name) if address}
        return known

    def run(self) -> None:
        """Serve until Ctrl-C, or until `stop`."""
        import uvicorn

        from voiceguide.web.app import application
        from voiceguide.web.patient import PatientProtocol, server_class

        server = Server(
            self.passes,
            self.lives,
            Sent(),
            Podcast(),
            self.address,
            secure=self._https is not None,
        )
        files: dict[str, Any] = {}
        if self._https is not None:
            files = {"ssl_certfile": str(self._https[0]), "ssl_keyfile": str(self._https[1])}
        config = uvicorn.Config(
            application(server, self.hosts),
            log_level="error",
            access_log=False,
            server_header=False,
            lifespan="off",
            limit_concurrency=200,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=1,
            http=PatientProtocol,
            h11_max_incomplete_event_size=16_384,
            **files,
        )
        logging.getLogger("uvicorn.error").addFilter(_worth_telling)
        self._server = server_class(self.lives.interrupt)(config)
        assert self._socket is not None
        with contextlib.suppress(KeyboardInterrupt):
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """End `run`, from another thread."""
        if self._server is not None:
            self._server.should_exit = True

    @property
    def started(self) -> bool:
        """Whether it answers."""
        return bool(self._server is not None and self._server.started)

    def _bound(self) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((self._host, self._port))
            made.listen(128)
        except OSError as error:
            made.close()
            raise _taken(self._port, error) from error
        return made


def _worth_telling(record: logging.LogRecord) -> bool:
    """Not that somebody still listened when the server was ended."""
    return "graceful shutdown exceeded" not in record.getMessage()


def lan_address() -> str | None:
    """This computer's address in its network, or None where it is in none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation, RFC 5737
            found: str = probe.getsockname()[0]
        except OSError:
            return None
    return None if ipaddress.ip_address(found).is_loopback else found


def running() -> dict[str, Any] | None:
    """The server of this listener that runs, as `port` and `address`; None where none does."""
    try:
        data = state.read(state.folder() / _RUNNING)
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not {"pid", "port", "address"} <= set(data):
        return None
    pid = data["pid"]
    return data if isinstance(pid, int) and is_running(pid) else None


@contextlib.contextmanager
def _told(port: int, address: str) -> Iterator[None]:
    """While it runs, a second one can tell of it."""
    path = state.folder() / _RUNNING
    mine = running() is None
    if mine:
        with contextlib.suppress(OSError):
            state.replace(path, {"pid": os.getpid(), "port": port, "address": address})
    try:
        yield
    finally:
        if mine:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _taken(port: int, error: OSError) -> VoiceguideError:
    other = running()
    if other is not None and other["port"] == port:
        return UsageError(
            f"voiceguide serve is running already, at {other['address']}", settings=("port",)
        )
    why = error.strerror or str(error)
    return UsageError(
        f"port {port} can't be used ({why}): give another one, such as --port {port % 65535 + 1}",
        settings=("port",),
    )


def _check_certificate(certificate: Path, key: Path) -> None:
    for path in (certificate, key):
        if not path.is_file():
            raise UsageError(f'there is no file "{path}"')
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise UsageError(f'"{certificate}" and "{key}" are no certificate and its key') from error


def _announced(
    stack: contextlib.ExitStack, address: str, port: int
) -> tuple[str | None, str | None]:
    """The .local name that the network is told, and what is to be said where there is none."""
    try:
        from zeroconf import ServiceInfo, Zeroconf
    except ImportError:
        return None, 'A name for it needs the extra "phone": pip install "voiceguide[phone]".'
    name = f"{socket.gethostname().partition('.')[0].lower() or 'voiceguide'}.local"
    try:
        service = ServiceInfo(
            "_http._tcp.local.",
            "voiceguide._http._tcp.local.",
            addresses=[socket.inet_aton(address)],
            port=port,
            server=f"{name}.",
        )
        network = Zeroconf(interfaces=[address])
        stack.callback(network.close)
        network.register_service(service, allow_name_change=True)
    except Exception:
        return None, "The network doesn't take a name for it, so the address is a number."
    return name, None
