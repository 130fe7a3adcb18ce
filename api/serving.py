"""How the application is run: threads for the routes, in one process or in several; nothing about
itself told.

Python runs one thread of a process at a time, so that one process answers as fast as one processor.
"""

from __future__ import annotations

import os
import signal
import socket
from typing import Final

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from analyzers.segment import words
from api.app import create_app
from records.home import PREFIX, Home
from records.parent_process import when_parent_ends
from search.bootstrap import Archive, open_archive

SECONDS_TO_FINISH: Final = 20
"""How long running requests may take when the server is told to stop."""
MOST_PROCESSES: Final = 4
"""That answer, where nobody says how many: each takes about 300 MB for itself."""

_SECONDS_TO_ANSWER = 120  # before a process is taken for dead: a machine may be that busy


def application(archive: Archive) -> FastAPI:
    """The pages and the HTTP API of an open office, ready for the first question."""
    words("信访")  # loads the dictionary now, not at somebody's first question
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
    config = _config(child, host, port, home.settings.trusted_proxies, processes=count)
    listening = config.bind_socket()
    # Connections inherit it. asyncio sets it itself only where it made the socket, and without it
    # the body of an answer waits for the client to confirm the head.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    Multiprocess(config, sockets=[listening]).run()


def server(
    app: FastAPI, host: str, port: int, trusted_proxies: str = "127.0.0.1"
) -> uvicorn.Server:
    """A server to `run()` in this process. Its access log is off: an address may name a letter.

    `trusted_proxies`: addresses or networks, separated by commas, whose word for the address of a
    client is taken; `*`: anybody's, for servers that only a proxy can reach.
    """
    return uvicorn.Server(_config(app, host, port, trusted_proxies))


def _config(
    app: FastAPI | str, host: str, port: int, trusted_proxies: str, *, processes: int = 1
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=trusted_proxies,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        factory=isinstance(app, str),
        workers=processes,
        timeout_worker_healthcheck=_SECONDS_TO_ANSWER,
    )
