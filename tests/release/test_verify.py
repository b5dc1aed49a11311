"""What verify finds: a changed byte in any file, a wrong or missing signature, in a folder and over HTTP."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import random
import shutil
import socket
import subprocess
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import pytest

from core.errors import InputError, ReleaseError
from release.digests import paths
from release.manifest import LARGEST, Manifest
from release.reader import Release, open_release
from release.remote import Remote
from release.source import Source
from release.verify import verify
from release.writer import build
from tests.conftest import parkgraph
from tests.server import conftest as lights
from tests.server.conftest import Service, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two keys: `own` and `other`, each with its public half."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("own", "other"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name]
        subprocess.run(command, check=True, timeout=30)
    return folder


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Release:
    given = lights.source()
    source = Source(**{**vars(given), "sign_key": keys / "own"})
    return build(source, tmp_path_factory.mktemp("signed"), lights.silent)


@pytest.fixture
def copy(signed: Release, tmp_path: Path) -> Release:
    return open_release(shutil.copytree(signed.path, tmp_path / signed.id))


def test_what_is_as_it_was_written(signed: Release, keys: Path) -> None:
    assert list(verify(signed)) == []
    assert list(verify(signed, keys / "own.pub")) == []


def test_a_changed_byte_is_found_in_every_file(copy: Release, keys: Path) -> None:
    moments = random.Random(5)  # noqa: S311 - places, not secrets
    files = [path for path in paths(copy.path) if (copy.path / path).stat().st_size]
    assert len(files) > 60
    assert {"SHA256SUMS", "SHA256SUMS.sig", "dumps/SHA256SUMS.sig", "manifest.json", "index.sqlite"} <= set(files)
    for path in files:
        file = copy.path / path
        whole = file.read_bytes()
        for place in {0, moments.randrange(len(whole)), len(whole) - 1}:
            changed = bytearray(whole)
            changed[place] ^= 1 << moments.randrange(8)
            file.write_bytes(changed)
            try:
                findings = list(verify(open_release(copy.path), keys / "own.pub"))
            except ReleaseError as error:  # what cannot be read as a manifest is no release
                findings = [str(error)] if path == "manifest.json" else []
            named = path if path != "manifest.json" else "manifest"
            assert any(named in finding for finding in findings), (path, place, findings)
        file.write_bytes(whole)
    assert list(verify(copy, keys / "own.pub")) == []


def test_what_came_and_went_is_found(copy: Release) -> None:
    (copy.path / "extra").touch()
    (copy.path / "catalog.ttl").unlink()
    (copy.path / "SHA256SUMS").unlink()
    assert list(verify(copy)) == [
        "SHA256SUMS: the file is missing",
        "catalog.ttl: the file is missing",
        "extra: the manifest does not list this file",
    ]


def test_a_wrong_signature_is_refused_and_named(copy: Release, keys: Path) -> None:
    findings = list(verify(copy, keys / "other.pub"))
    assert [finding.split(":")[0] for finding in findings] == ["SHA256SUMS.sig", "dumps/SHA256SUMS.sig"]
    assert all("the signature is refused" in finding for finding in findings)
    (copy.path / "SHA256SUMS.sig").unlink()
    assert list(verify(copy, keys / "own.pub")) == ["SHA256SUMS.sig: the release is not signed"]
    assert list(verify(copy)) == []  # nobody asked for one


def test_a_release_forged_as_a_whole_is_refused(copy: Release, keys: Path) -> None:
    manifest = json.loads((copy.path / "manifest.json").read_text(encoding="utf-8"))
    manifest["created"] = "2000-01-01T00:00:00Z"
    (copy.path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    sums = (copy.path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    digest = subprocess.run(["sha256sum", "manifest.json"], cwd=copy.path, capture_output=True, text=True, check=True)
    forged = [digest.stdout.strip() if line.endswith("  manifest.json") else line for line in sums]
    (copy.path / "SHA256SUMS").write_text("\n".join(forged) + "\n", encoding="utf-8")
    for key in (None, keys / "own.pub"):
        findings = list(verify(open_release(copy.path), key))
        assert [finding.split(":")[0] for finding in findings] == ["SHA256SUMS.sig"]


def test_everyone_can_check_without_this_program(signed: Release, keys: Path) -> None:
    for folder in (signed.path, signed.path / "dumps"):
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=True, timeout=30)
        signers = keys / "signers"
        signers.write_text(f"publisher {(keys / 'own.pub').read_text(encoding='utf-8')}", encoding="utf-8")
        options = ["-f", str(signers), "-I", "publisher", "-n", "file", "-s", "SHA256SUMS.sig"]
        with (folder / "SHA256SUMS").open("rb") as sums:
            subprocess.run(["ssh-keygen", "-Y", "verify", *options], cwd=folder, stdin=sums, check=True, timeout=30)


def test_what_is_no_key(signed: Release, keys: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no public key"):
        list(verify(signed, keys / "own"))
    with pytest.raises(InputError, match=r"signing with .* failed"):
        build(Source(**{**vars(lights.source()), "sign_key": keys / "signers.none"}), tmp_path, lights.silent)
    assert not (tmp_path / "current").exists()


def linked_folder(path: Path) -> str:
    (path / "dumps" / "etc").symlink_to("/etc")
    return "dumps/etc: the manifest does not list a symbolic link"


def link(name: str, kind: str) -> Callable[[Path], str]:
    """Damage that puts a symbolic link in the place of a file or folder of the release."""

    def damage(path: Path) -> str:
        (path / name).rename(path.parent / "moved")
        (path / name).symlink_to(path.parent / "moved")
        return f"{name}: this is a symbolic link, not {kind}"

    return damage


def dangling_sums(path: Path) -> str:
    (path / "SHA256SUMS").unlink()
    (path / "SHA256SUMS").symlink_to("nowhere")
    return "SHA256SUMS: this is a symbolic link, not a file"


def empty_folder(path: Path) -> str:
    (path / "store" / "more" / "still more").mkdir(parents=True)
    return "store/more/still more: the manifest does not list a folder"


def pipe_instead(path: Path) -> str:
    (path / "dumps" / "parkgraph.nq.gz").unlink()
    os.mkfifo(path / "dumps" / "parkgraph.nq.gz")
    return "dumps/parkgraph.nq.gz: this is a named pipe, not a file"


def pipe_of_sums(path: Path) -> str:
    (path / "dumps" / "SHA256SUMS").unlink()
    os.mkfifo(path / "dumps" / "SHA256SUMS")
    return "dumps/SHA256SUMS: this is a named pipe, not a file"


def pipe_in_the_store(path: Path) -> str:
    (path / "store" / "CURRENT").unlink()
    os.mkfifo(path / "store" / "CURRENT")
    return "store/CURRENT: this is a named pipe, not a file"


def a_socket(path: Path) -> str:
    with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(path):
        server.bind("socket")
    return "socket: the manifest does not list a socket"


def folder_instead(path: Path) -> str:
    (path / "catalog.ttl").unlink()
    (path / "catalog.ttl").mkdir()
    return "catalog.ttl: this is a folder, not a file"


def other_case(path: Path) -> str:
    (path / "catalog.ttl").rename(path / "Catalog.ttl")
    return "Catalog.ttl: the manifest does not list this file"


def odd_name(path: Path) -> str:
    (path / "a\nb\x1b[31m\u202ec").touch()
    return "a\\nb\\x1b[31m\\u202ec: the manifest does not list this file"


def name_in_no_coding(path: Path) -> str:
    (path / os.fsdecode(b"a\xff")).touch()
    return "a\\udcff: the manifest does not list this file"


@pytest.mark.parametrize(
    "change",
    [
        linked_folder,
        link("dumps", "a folder"),
        link("catalog.ttl", "a file"),
        link("manifest.json", "a file"),
        link("SHA256SUMS.sig", "a file"),
        dangling_sums,
        empty_folder,
        pipe_instead,
        pipe_of_sums,
        pipe_in_the_store,
        a_socket,
        folder_instead,
        other_case,
        odd_name,
        name_in_no_coding,
    ],
    ids=lambda change: change.__name__,
)
def test_whatever_stands_in_the_folder_is_seen(change: Callable[[Path], str], copy: Release) -> None:
    expected = change(copy.path)
    assert expected in list(verify(open_release(copy.path)))
    done = parkgraph("verify", copy.path, check=False)
    assert done.returncode == 1
    assert expected in done.stdout.splitlines()


def test_folders_that_are_nested_too_deeply_to_be_read_are_one_sentence(copy: Release) -> None:
    with contextlib.chdir(copy.path):
        for _ in range(30):
            os.mkdir("a" * 200)  # noqa: PTH102 - relative, where absolute paths are too long
            os.chdir("a" * 200)
    done = parkgraph("verify", copy.path, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert "cannot be read: File name too long" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_manifest_that_is_a_pipe_is_no_release(copy: Release) -> None:
    (copy.path / "manifest.json").unlink()
    os.mkfifo(copy.path / "manifest.json")
    done = parkgraph("verify", copy.path, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"parkgraph: no release at {copy.path}: it is no regular file\n"


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "dumps/../../x", "dumps//x", "./x", "", "a\0b"])
def test_a_manifest_that_leads_out_of_its_folder_is_damaged(copy: Release, path: str) -> None:
    raw = json.loads((copy.path / "manifest.json").read_text(encoding="utf-8"))
    raw["files"][path] = raw["files"]["catalog.ttl"]
    with pytest.raises(ReleaseError, match="leads out of the release"):
        Manifest.from_json(json.dumps(raw))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("files", {"x": {"size": "1", "sha256": "0"}}),
        ("files", {"x": {"size": -1.5, "sha256": "0"}}),
        ("files", ["x"]),
        ("id", 1),
        ("base", None),
        ("created", ["2026"]),
        ("catalog", "1"),
        ("catalog", float("nan")),
        ("prefixes", {"a": 1}),
        ("predecessor", 1),
        ("changes", {"added": "1", "removed": 1}),
        ("dataset", {"title": "Lamps"}),
        ("statistics", 0),
    ],
)
def test_a_manifest_with_a_value_of_another_type_is_damaged(copy: Release, key: str, value: object) -> None:
    raw = json.loads((copy.path / "manifest.json").read_text(encoding="utf-8"))
    with pytest.raises(ReleaseError, match="the manifest is damaged"):
        Manifest.from_json(json.dumps(raw | {key: value}))


def test_a_manifest_that_is_nested_without_end_is_damaged() -> None:
    with pytest.raises(ReleaseError, match="the manifest is damaged"):
        Manifest.from_json("[" * 100_000)


@pytest.fixture(scope="module")
def served(signed: Release) -> Iterator[Service]:
    with serving(signed.path.parent, workers=1) as service:
        yield service


@pytest.mark.parametrize("path", ["", "/", "/release/{id}", "/release/{id}/"])
def test_a_server_is_verified(served: Service, signed: Release, keys: Path, path: str) -> None:
    steps: list[str] = []
    remote = Remote(served.url + path.format(id=signed.id))
    assert list(remote.verify(keys / "own.pub", steps.append)) == []
    assert remote.manifest.id == signed.id
    assert len(steps) == sum(name.startswith("dumps/") for name in signed.manifest.files)
    findings = list(remote.verify(keys / "other.pub", steps.append))
    assert [finding.split(":")[0] for finding in findings] == ["SHA256SUMS.sig", "dumps/SHA256SUMS.sig"]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


def test_a_mirror_with_a_changed_byte_is_found(copy: Release, keys: Path) -> None:
    name = "dumps/parkgraph.nq.gz"
    whole = (copy.path / name).read_bytes()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(copy.path))) as mirror:
        threading.Thread(target=mirror.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{mirror.server_port}"
        assert list(Remote(url).verify(keys / "own.pub", lights.silent)) == []
        (copy.path / name).write_bytes(whole[:50] + bytes([whole[50] ^ 1]) + whole[51:])
        findings = list(Remote(url).verify(None, lights.silent))
        assert findings[0].startswith(f"{name}: SHA-256 is ")
        (copy.path / name).unlink()
        assert f"{name}: the server answers 404" in " ".join(Remote(url).verify(None, lights.silent))
        mirror.shutdown()
    with pytest.raises(InputError, match="cannot be fetched"):
        Remote(url)


def test_where_there_is_no_release(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path))) as mirror:
        threading.Thread(target=mirror.serve_forever, daemon=True).start()
        with pytest.raises(ReleaseError, match="offers no release"):
            Remote(f"http://127.0.0.1:{mirror.server_port}/")
        mirror.shutdown()


class _Raw(BaseHTTPRequestHandler):
    """Serves a copy of a release, but what `answers` has by its path: a function that writes the whole answer."""

    answers: ClassVar[dict[str, Callable[[BaseHTTPRequestHandler], None]]] = {}
    folder: ClassVar[Path]

    def do_GET(self) -> None:
        path = self.path.removeprefix("/")
        with contextlib.suppress(OSError):
            if path in self.answers:
                self.answers[path](self)
            elif (self.folder / path).is_file():
                self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + (self.folder / path).read_bytes())
            else:
                self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def mirror(copy: Release) -> Iterator[str]:
    """The address of a server for the copy, with the answers of `_Raw`."""
    _Raw.folder, _Raw.answers = copy.path, {}
    with ThreadingHTTPServer(("127.0.0.1", 0), _Raw) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def endless(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    while True:
        request.wfile.write(b"a" * (1 << 20))


def elsewhere(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:1/secret\r\n\r\n")


def to_itself(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(f"HTTP/1.0 302 Found\r\nLocation: {request.path}\r\n\r\n".encode())


def bomb(request: BaseHTTPRequestHandler) -> None:
    body = gzip.compress(b" " * (200 << 20), 9)
    request.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + body)


def garbage(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(bytes(range(256)) * 100)


def test_a_download_without_end_is_left_at_its_size(mirror: str) -> None:
    _Raw.answers = {"dumps/parkgraph.nq.gz": endless}
    findings = list(Remote(mirror).verify(None, lights.silent))
    assert any("parkgraph.nq.gz: it is longer than" in finding for finding in findings)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (endless, f"longer than {LARGEST} bytes"),
        (elsewhere, "leads to another server: verify http://127.0.0.1:1/secret itself"),
        (to_itself, "more than 5 redirects"),
        (bomb, "the manifest is damaged"),
        (garbage, "cannot be fetched"),
    ],
)
def test_a_manifest_that_is_none_is_one_sentence(
    answer: Callable[[BaseHTTPRequestHandler], None], message: str, mirror: str
) -> None:
    _Raw.answers = {"manifest.json": answer}
    done = parkgraph("verify", mirror, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("answer", [elsewhere, to_itself, garbage, endless])
def test_another_file_that_is_none_is_one_sentence(
    answer: Callable[[BaseHTTPRequestHandler], None], mirror: str
) -> None:
    _Raw.answers = {"SHA256SUMS": answer}
    done = parkgraph("verify", "--quiet", mirror, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("head", [b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\nX: "], ids=["body", "head"])
def test_a_download_that_trickles_is_given_up(head: bytes, mirror: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def trickle(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(head)
        while not ended.wait(0.01):
            request.wfile.write(b"a")

    monkeypatch.setattr("release.remote._SECONDS", 0.5)
    monkeypatch.setattr("release.remote._SLOWEST", 1 << 40)
    remote = Remote(mirror)
    _Raw.answers = {"dumps/parkgraph.nq.gz": trickle}
    try:
        message = " ".join(remote.verify(None, lights.silent))
    except InputError as error:
        message = str(error)
    ended.set()
    assert "parkgraph.nq.gz: the download ends early" in message or "parkgraph.nq.gz cannot be fetched" in message
