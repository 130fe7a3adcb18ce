"""`petitions serve`: the pages and the HTTP API, and beside them the worker that reads files."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import HomeOption, globals_of, opened, say
from cli.kept_process import KeptProcess

if TYPE_CHECKING:
    from records.home import Home
    from search.bootstrap import Archive


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    processes: Annotated[
        int, typer.Option(min=0, help="Processes that read new files; 0: none.")
    ] = 1,
    answering: Annotated[
        int,
        typer.Option(min=0, help="Processes that answer; 0: one for two processors, at most 4."),
    ] = 0,
    home: HomeOption = None,
) -> None:
    """Serve the search pages and the HTTP API; read and index what is registered there."""
    with opened(globals_of(context, home), make=True) as archive:
        serve_archive(archive, host, port, processes, answering)


def serve_archive(
    archive: Archive, host: str, port: int, processes: int = 1, answering: int = 0
) -> None:
    """Serve an open office until told to stop."""
    from api.serving import application, run_processes, server, usual_processes

    home = archive.home
    say(f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}/")  # noqa: S104
    with worker(home, processes):
        if (count := answering or usual_processes()) > 1:
            run_processes(home, host, port, count)
        else:
            server(application(archive), host, port, home.settings).run()


@contextlib.contextmanager
def worker(home: Home, processes: int) -> Iterator[None]:
    """A process of its own for the queue: reading is heavy, and answers must not wait for it. One
    that dies (out of memory, say) is replaced; the next takes up what it left."""
    if processes == 0:
        yield
        return
    command = [sys.executable, "-m", "cli.main", "--home", str(home.path.resolve()), "work"]
    kept = KeptProcess(
        [*command, "--processes", str(processes), "--parent", str(os.getpid())], "worker"
    )
    try:
        yield
    finally:
        kept.stop()
