"""Metrics for Prometheus: what the server does, in numbers that name no member and no object.

They are shown to operators only: how much is here is nobody else's business (``application.py`` sees to that).
"""

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

requests = Counter("stillwatch_hub_requests_total", "Requests that were answered.", ["route", "method", "status"])
seconds = Histogram("stillwatch_hub_request_seconds", "Time to the first byte of an answer.", ["route", "method"])
objects_received = Counter("stillwatch_hub_objects_received_total", "Objects that members sent.", ["outcome"])
objects_served = Counter("stillwatch_hub_objects_served_total", "Objects that were served, by end point.", ["how"])
faults = Counter("stillwatch_hub_faults_total", "Requests that failed for the hub's own reasons.", ["kind"])


def written(shared_folder: str | None) -> bytes:
    """All metrics as text; of all processes that write to ``shared_folder``, if there is one."""
    if shared_folder is None:
        return generate_latest()
    registry: Any = CollectorRegistry()
    MultiProcessCollector(registry, path=shared_folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
