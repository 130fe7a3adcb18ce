"""Reaching the cluster, and what the driver may raise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import elasticsearch
from elastic_transport.client_utils import DEFAULT
from elasticsearch import Elasticsearch, OrjsonSerializer

from search.errors import EngineDown, EngineError, IndexNotReady

_PATIENCE = 120  # seconds
_JSON = ("application/json", "application/vnd.elasticsearch+json")
_AT_ONCE = 32  # connections to a node: as many as threads that may ask


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the cluster is and how to speak to it. Again: nothing is sent before it is used.

    `urls`: of any number of nodes. `ca`: path of the certificate that signed the nodes'; empty:
    those that the system trusts. `seconds`: longest wait for an answer. `prefix`: what the names
    of all indexes and aliases begin with. `shards`, `replicas`: of each of the six indexes.
    """

    urls: tuple[str, ...]
    api_key: str = ""
    ca: str = ""
    seconds: float = 30.0
    prefix: str = "petitions"
    shards: int = 1
    replicas: int = 0

    def client(self, *, patient: bool = False) -> Elasticsearch:
        """A client; safe to share between threads. `patient`: to write and to manage, which waits
        for all nodes, for the loss of one to be noticed too."""
        return Elasticsearch(
            list(self.urls),
            api_key=self.api_key or None,
            request_timeout=max(self.seconds, _PATIENCE) if patient else self.seconds,
            connections_per_node=_AT_ONCE,
            ca_certs=self.ca or DEFAULT,
            serializers=dict.fromkeys(_JSON, OrjsonSerializer()),
        )

    def __str__(self) -> str:
        return ", ".join(urlsplit(url).netloc.rpartition("@")[2] for url in self.urls)


@contextmanager
def driver_errors(connection: Connection) -> Iterator[None]:
    """The driver's exceptions as ours; the message says what to do next."""
    try:
        yield
    except EngineError:
        raise
    except elasticsearch.NotFoundError as error:
        raise IndexNotReady("the indexes are not there: run `petitions reindex`") from error
    except (elasticsearch.AuthenticationException, elasticsearch.AuthorizationException) as error:
        raise EngineDown(
            f"Elasticsearch at {connection} refuses the key: set PETITIONS_ELASTICSEARCH_API_KEY "
            f"to one that may read, write and manage {connection.prefix}-*"
        ) from error
    except elasticsearch.ConnectionTimeout as error:
        raise EngineDown(
            f"Elasticsearch at {connection} did not answer in {connection.seconds:g} seconds: "
            "look at its load, or raise PETITIONS_ELASTICSEARCH_SECONDS"
        ) from error
    except elasticsearch.SSLError as error:
        raise EngineDown(
            f"Elasticsearch at {connection} shows a certificate that is not trusted: "
            "set PETITIONS_ELASTICSEARCH_CA to the certificate that signed it"
        ) from error
    except elasticsearch.ApiError as error:
        raise EngineDown(
            f"Elasticsearch at {connection} answers {error.status_code} {error.error}: parts of "
            "the indexes are missing or the cluster is starting; look at its health"
        ) from error
    except elasticsearch.TransportError as error:
        raise EngineDown(
            f"Elasticsearch at {connection} can't be reached ({error.message}): "
            "start it, or correct PETITIONS_ELASTICSEARCH_URL"
        ) from error
