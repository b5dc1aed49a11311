"""What the server counts: the format, and the sums of processes that come and go."""

from __future__ import annotations

import os
import signal
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from server.metrics import CACHE_ENTRIES, REQUESTS, SECONDS, Metrics, SharedMemory
from tests.conftest import PATIENCE, wait_until
from tests.server.conftest import serving
from tests.server.engines import free_port
from tests.server.test_supervisor import children

if TYPE_CHECKING:
    from release.reader import Release

Samples = dict[tuple[str, tuple[str, ...]], float]


def read(url: str) -> Samples:
    """The samples by their names and the values of their labels, in the order of the labels' names."""
    with urllib.request.urlopen(url, timeout=PATIENCE) as response:
        text = response.read().decode()
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in parse(text)
        for sample in family.samples
    }


def test_counters_go_on_in_the_next_process_and_gauges_do_not() -> None:
    memory = SharedMemory.create(2)
    one, other = Metrics(memory), Metrics(memory)
    for metrics in (one, other):
        metrics.count(REQUESTS, "home.home", "GET", "200", amount=2)
        metrics.observe(SECONDS, 0.02, "home.home")
        metrics.watch(CACHE_ENTRIES, lambda: {(): 3})
        metrics.look()
    tally = other.tally((REQUESTS, ("home.home", "GET", "200")))
    tally.count += 5
    other.look()
    assert samples(one)["parkgraph_http_requests_total", ("GET", "home.home", "200")] == 9
    assert samples(one)["parkgraph_http_request_seconds_count", ("home.home",)] == 2
    assert samples(one)["parkgraph_cache_entries", ()] == 6
    other.close()  # as the kernel does when the process ends
    assert samples(one)["parkgraph_cache_entries", ()] == 3
    following = Metrics(memory)
    following.count(REQUESTS, "home.home", "GET", "200")
    assert samples(one)["parkgraph_http_requests_total", ("GET", "home.home", "200")] == 10
    following.look()
    assert samples(one)["parkgraph_cache_entries", ()] == 3


def samples(metrics: Metrics) -> Samples:
    text, _ = metrics.text("")
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in parse(text.decode())
        for sample in family.samples
    }


def test_a_scrape_tells_of_all_processes(lights: Release) -> None:
    with serving(lights.path.parent) as service:
        for _ in range(20):
            urllib.request.urlopen(f"{service.url}/robots.txt", timeout=PATIENCE).close()
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{service.url}/robots.txt?{'x' * 61_000}", timeout=PATIENCE)
        wait_until(lambda: read(f"{service.url}/metrics").get(("parkgraph_processes", ("web",))) == 2)
        key = ("parkgraph_http_requests_total", ("GET", "crawlers.robots", "200"))
        wait_until(lambda: read(f"{service.url}/metrics").get(key) == 20)
        found = read(f"{service.url}/metrics")
        assert found["parkgraph_cache_hits_total", ("crawlers.robots",)] >= 18
        assert found["parkgraph_http_refusals_total", ("request_uri_too_long",)] == 1
        assert found["parkgraph_processes", ("query",)] >= 1
        assert found["parkgraph_queries", ("fast", "waiting")] == 0
        release = lights.manifest
        assert found["parkgraph_release_info", (release.created, release.id)] == 1
        assert found["parkgraph_release_triples", (release.id,)] == release.counts.triples
        for pid in children(service.pid):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: len(children(service.pid)) == 2)
        wait_until(lambda: read_or_none(service.url).get(("parkgraph_processes", ("web",))) == 2)
        found = read(f"{service.url}/metrics")
        assert found[key] == 20
        assert found["parkgraph_process_starts_total", ("web",)] == 4


def read_or_none(url: str) -> Samples:
    try:
        return read(f"{url}/metrics")
    except OSError:
        return {}


def test_the_format_is_negotiated() -> None:
    metrics = Metrics(SharedMemory.create(1))
    metrics.count(REQUESTS, "home.home", "GET", "200")
    text, media_type = metrics.text("application/openmetrics-text; version=1.0.0")
    assert media_type.startswith("application/openmetrics-text")
    assert [family.name for family in parse_openmetrics(text.decode())] == ["parkgraph_http_requests"]
    assert metrics.text("")[1].startswith("text/plain")


def test_metrics_have_an_address_of_their_own_if_one_is_given(lights: Release) -> None:
    port = free_port()
    with serving(lights.path.parent, metrics=f"127.0.0.1:{port}") as service:
        assert read(f"http://127.0.0.1:{port}/metrics")["parkgraph_processes", ("web",)] >= 1
        for url in (f"{service.url}/metrics", f"http://127.0.0.1:{port}/"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(url, timeout=PATIENCE)
    with serving(lights.path.parent, metrics="off") as service, pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{service.url}/metrics", timeout=PATIENCE)
