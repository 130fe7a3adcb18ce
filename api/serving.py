"""How the application is run: threads for the routes, in one process or in several; nothing about
itself told.

Python runs one thread of a process at a time, so that one process answers as fast as one processor.
"""

from __future__ import annotations

import os
import signal
import socket
from typing import Final

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.supervisors import Multiprocess

from analyzers.segment import words
from api.app import create_app
from api.guard import fixed_headers
from records.home import PREFIX, Home, Settings
from records.parent_process import when_parent_ends
from search import expansion
from search.bootstrap import Archive, open_archive

SECONDS_TO_FINISH: Final = 20
"""How long running requests may take when the server is told to stop."""
MOST_PROCESSES: Final = 4
"""That answer, where nobody says how many: each takes about 300 MB for itself."""

_SECONDS_TO_ANSWER = 120  # before a process is taken for dead: a machine may be that busy


def application(archive: Archive) -> FastAPI:
    """The pages and the HTTP API of an open office, ready for the first question."""
    words("信访")  # loads the dictionary now, not at somebody's first question
    expansion.load()
    return create_app(archive.library, archive.database, archive.originals, archive.home.settings)


def application_of_child() -> FastAPI:
    """The same in a process of its own, of the home in the environment."""
    when_parent_ends(lambda: os.kill(os.getpid(), signal.SIGTERM))
    return application(open_archive(Home.from_environment()))


def usual_processes() -> int:
    """Processes that answer, where nobody says how many: one for two processors, since the engine
    searches beside Python, and files are read besides."""
    return max(1, min(MOST_PROCESSES, len(os.sched_getaffinity(0)) // 2))


def run_processes(home: Home, host: str, port: int, count: int) -> None:
    """Answer in so many processes until told to stop; one that dies is replaced."""
    os.environ[f"{PREFIX}HOME"] = str(home.path.resolve())
    child = f"{__name__}:{application_of_child.__name__}"
    config = _config(child, host, port, home.settings, processes=count)
    listening = config.bind_socket()
    # Connections inherit it. asyncio sets it itself only where it made the socket, and without it
    # the body of an answer waits for the client to confirm the head.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    Multiprocess(config, sockets=[listening]).run()


def server(app: FastAPI, host: str, port: int, settings: Settings) -> uvicorn.Server:
    """A server to `run()` in this process. Its access log is off: an address may name a letter."""
    return uvicorn.Server(_config(app, host, port, settings))


class Protocol(H11Protocol):
    """HTTP, where what can't be read as a request is answered with the headers of all answers."""

    secure = False

    def send_400_response(self, msg: str) -> None:
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(msg)),
            "Connection": "close",
            **fixed_headers(self.secure),
        }
        answer = h11.Response(status_code=400, reason=b"Bad Request", headers=list(headers.items()))
        for event in (answer, h11.Data(data=msg.encode("ascii")), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class ProtocolBehindTLS(Protocol):
    secure = True


def _config(
    app: FastAPI | str, host: str, port: int, settings: Settings, *, processes: int = 1
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        http=ProtocolBehindTLS if settings.secure_cookies else Protocol,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        factory=isinstance(app, str),
        workers=processes,
        timeout_worker_healthcheck=_SECONDS_TO_ANSWER,
    )
