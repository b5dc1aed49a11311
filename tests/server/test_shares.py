"""Shares of clients: what one may have, and who comes first."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from server.shares import ClientQuota, ClientQuotaError, FairQueue, Place, ServerBusyError, WaitingRoom
from tests.conftest import PATIENCE, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def later() -> float:
    """A deadline that no test waits for."""
    return time.monotonic() + PATIENCE


def test_a_share_is_given_back() -> None:
    quota = ClientQuota(2, 3)
    for client in ("a", "a", "b"):
        quota.acquire(client)
    with pytest.raises(ClientQuotaError):
        quota.acquire("a")
    with pytest.raises(ServerBusyError):
        quota.acquire("b")
    quota.release("a")
    quota.acquire("b")
    for client in ("a", "b", "b"):
        quota.release(client)
    assert not quota._taken
    with pytest.raises(ClientQuotaError):
        quota.acquire("a", 3)
    quota.acquire("a", 2)


class Line:
    """Requests of clients that wait in a queue, each in a thread, one after the other."""

    def __init__(self, queue: FairQueue) -> None:
        self.queue = queue
        self.order: list[str] = []
        self.refused: list[str] = []
        self._threads: list[threading.Thread] = []

    def add(self, clients: Sequence[str]) -> None:
        for client in clients:
            self._threads.append(threading.Thread(target=self._wait, args=(client,)))
            before = self._over()
            self._threads[-1].start()
            wait_until(lambda before=before: len(self.queue._waiting()) + self._over() > before)  # type: ignore[misc]

    def _over(self) -> int:
        return len(self.order) + len(self.refused)

    def _wait(self, client: str) -> None:
        try:
            self.queue.enter(client, later())
        except ServerBusyError:
            self.refused.append(client)
        else:
            self.order.append(client)

    def serve(self, number: int, first: str) -> None:
        """Let so many have their turn: `first` has the place now."""
        for _ in range(number):
            before = len(self.order)
            self.queue.leave(self.order[-1] if self.order else first)
            wait_until(lambda before=before: len(self.order) > before)  # type: ignore[misc]

    def end(self) -> None:
        for thread in self._threads:
            thread.join()


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line(FairQueue(1, WaitingRoom(8), "requests"))
    yield line
    line.end()


def test_clients_have_their_turns_one_after_the_other(line: Line) -> None:
    line.queue.enter("a", later())
    line.add(["a", "a", "a", "b", "b", "c"])
    line.serve(6, "a")
    assert line.order == ["b", "c", "a", "b", "a", "a"]
    line.queue.leave("a")
    assert not line.queue._turns
    assert not line.queue._taken


def test_the_last_of_the_client_with_the_most_gives_way_to_one_with_fewer(line: Line) -> None:
    line.queue.enter("a", later())
    line.add([*"aaaaaa", *"bb"])
    line.add(["c"])
    wait_until(lambda: line.refused)
    line.add(["b"])
    wait_until(lambda: line.refused == ["a", "a"])
    with pytest.raises(ServerBusyError):
        line.queue.enter("a", later())
    line.serve(8, "a")
    assert line.refused == ["a", "a"]
    assert sorted(line.order) == [*"aaaa", *"bbb", "c"]


def test_one_client_never_has_all_places() -> None:
    queue = FairQueue(3, WaitingRoom(0), "requests")
    for _ in range(2):
        queue.enter("many", later())
    assert not queue.try_enter("many")
    queue.enter("other", later())


def test_a_client_may_have_fewer_places_and_holds_up_nobody() -> None:
    queue = FairQueue(3, WaitingRoom(2), "requests")
    queue.enter("a", later(), 1)
    with pytest.raises(ServerBusyError):
        queue.enter("a", time.monotonic(), 1)
    for client in ("b", "b"):
        queue.enter(client, later())
    waiting = threading.Thread(target=queue.enter, args=("a", later(), 1))
    waiting.start()
    wait_until(lambda: queue.counts() == (3, 1))
    queue.leave("b")  # its place is not for "a", which has one
    assert queue.has("a")
    queue.enter("c", later())
    queue.leave("a")
    waiting.join(PATIENCE)
    assert queue.counts() == (3, 0)
    queue.leave("a")
    assert not queue.has("a")


def test_what_waits_in_vain_is_refused() -> None:
    room = WaitingRoom(1)
    queue = FairQueue(1, room, "requests", client_limit=1)
    queue.enter("a", later())
    with pytest.raises(ClientQuotaError, match="this client has 1 requests under way"):
        queue.enter("a", later())
    with pytest.raises(ServerBusyError, match="busy with other requests"):
        queue.enter("b", time.monotonic())
    assert not room.waiters
    assert "b" not in queue._turns


def test_queues_may_share_the_room_to_wait() -> None:
    room = WaitingRoom(1)
    full, other = FairQueue(1, room, "queries"), FairQueue(1, room, "long queries")
    full.enter("a", later())
    other.enter("a", later())
    line = Line(full)
    line.add(["b"])
    with pytest.raises(ServerBusyError):
        other.enter("c", later())
    line.serve(1, "a")
    line.end()


def test_a_place_is_left_and_taken_again() -> None:
    queue = FairQueue(1, WaitingRoom(0), "requests")
    place, other = Place(queue, "a", PATIENCE), Place(queue, "b", PATIENCE)
    place.enter()
    with place.left():
        other.enter()
        other.leave()
        other.leave()
    with pytest.raises(ServerBusyError):
        other.enter()
    other.leave()
    place.leave()
    place.leave()
    other.enter()
