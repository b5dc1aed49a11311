"""The container files: what the server needs from its surroundings, and that it gets no more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from server.settings import Settings
from tests.conftest import ROOT

CONTAINERFILE = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
KNOWN = {f"PARKGRAPH_{name.upper()}" for name in Settings.__dataclass_fields__}


def instructions() -> list[tuple[str, str]]:
    """The instructions of the last stage, which makes the image."""
    joined = re.sub(r"\\\n\s*", "", CONTAINERFILE.rpartition("\nFROM ")[2])
    return re.findall(r"^([A-Z]+) (.+)$", joined, re.MULTILINE)


def test_the_image_runs_one_process_without_a_shell_and_not_as_root() -> None:
    given = dict(instructions())
    assert given["USER"] == "10001:10001"
    assert given["STOPSIGNAL"] == "SIGTERM"
    assert (given["ENTRYPOINT"], given["CMD"]) == ('["parkgraph"]', '["serve"]')
    assert "/health" in given["HEALTHCHECK"]
    assert "CMD [" in given["HEALTHCHECK"]


def test_settings_that_are_set_exist() -> None:
    compose = {name for service in SERVICES.values() for name in service.get("environment", {})}
    image = set(re.findall(r"\bPARKGRAPH_\w+(?==)", CONTAINERFILE))
    unit = set(re.findall(r"\bPARKGRAPH_\w+(?==)", (ROOT / "deploy" / "parkgraph.service").read_text("utf-8")))
    ours = {name for name in compose | image | unit if name.startswith("PARKGRAPH_")}
    assert len(ours) >= 4
    assert ours <= KNOWN


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit"} <= service.keys()
    assert not {"privileged", "cap_add", "devices", "pid", "ipc"} & service.keys()


def test_only_nginx_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert SERVICES["parkgraph"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_a_stop_waits_longer_than_a_query() -> None:
    for name in ("parkgraph", "nginx"):
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > Settings.query_seconds


def test_nginx_gets_each_variable_of_its_configuration_and_no_other() -> None:
    environment = SERVICES["nginx"]["environment"]
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    needed = set(re.findall(r"\$\{([A-Z]+)\}", text.partition("\n\n")[2]))
    assert needed == environment.keys() - {"NGINX_ENVSUBST_FILTER"}
    assert set(re.findall(r"[A-Z]+", environment["NGINX_ENVSUBST_FILTER"])) == needed


def test_only_a_build_writes_releases() -> None:
    writes = {name for name, service in SERVICES.items() if "releases:/srv/parkgraph" in service["volumes"]}
    assert writes == {"build"}


def test_the_context_of_the_image_has_what_a_wheel_is_made_of() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = {line[1:] for line in lines if line.startswith("!")}
    assert lines[lines.index("*")] == "*"
    assert all((ROOT / name).exists() for name in admitted)
    packages = {"cli", "core", "curate", "mapping", "parkgraph", "release", "server", "validation"}
    assert admitted == packages | {
        "LICENSE",
        "README.md",
        "hatch_build.py",
        "pyproject.toml",
        "requirements.lock",
        "web",
    }


def test_a_build_writes_to_where_the_server_reads() -> None:
    words = SERVICES["build"]["entrypoint"]
    assert words[words.index("--releases") + 1] == "/srv/parkgraph"
    assert "PARKGRAPH_RELEASES=/srv/parkgraph" in CONTAINERFILE
