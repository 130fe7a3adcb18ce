"""How the application is run: one process, threads for the routes, nothing about itself told."""

from __future__ import annotations

from typing import Final

import uvicorn
from fastapi import FastAPI

SECONDS_TO_FINISH: Final = 20
"""How long running requests may take when the server is told to stop."""


def server(
    app: FastAPI, host: str, port: int, trusted_proxies: str = "127.0.0.1"
) -> uvicorn.Server:
    """A server to `run()`. Its access log is off: an address may name a letter.

    `trusted_proxies`: addresses or networks, separated by commas, whose word for the address of a
    client is taken; `*`: anybody's, for servers that only a proxy can reach.
    """
    config = uvicorn.Config(
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
    )
    return uvicorn.Server(config)
