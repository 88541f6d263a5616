"""The manifests of the listings: what must agree does, and the command of `getdata` does what its manifest promises."""

import asyncio
import base64
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from platform_assets.listings.parsing import parsed
from platform_assets.listings.text import split, tables
from resources.object_store import FolderObjectStore, StoredObject
from services.listing_api.service import Service
from services.listing_api.settings import settings_from
from tests.unprivileged import NOBODY

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "k8s" / "listings"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
FOUND = {
    each["kind"]: each
    for name in KUSTOMIZATION["resources"]
    for each in yaml.safe_load_all((FOLDER / name).read_text())
}
POLICIES = {
    each["metadata"]["name"]: each["spec"]
    for each in yaml.safe_load_all((FOLDER / "network.yaml").read_text())
}
JOB = FOUND["CronJob"]["spec"]
PODS = {
    "getdata": JOB["jobTemplate"]["spec"]["template"],
    "listing-api": FOUND["Deployment"]["spec"]["template"],
}
FORGED = b"\n-rw-r--r-- 1 root root 0 Jan  1 00:00 etc"
"""What would be a row of its own, were a line feed the end of a line."""


def container(name: str) -> dict[str, Any]:
    (only,) = PODS[name]["spec"]["containers"]
    return dict(only)


def environ(name: str) -> dict[str, str]:
    """What the manifest sets; what it takes from elsewhere is `given`."""
    return {each["name"]: each.get("value", "given") for each in container(name)["env"]}


def test_each_manifest_is_in_the_kustomization_and_each_image_has_a_tag_there() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {"kustomization.yaml", *KUSTOMIZATION["resources"]}
    tags = {each["name"]: each["newTag"] for each in KUSTOMIZATION["images"]}
    assert "latest" not in tags.values()
    assert all(container(name)["image"] in tags for name in PODS)


def test_services_budgets_and_deployments_select_the_pods_and_ports_are_named() -> None:
    labels = PODS["listing-api"]["metadata"]["labels"]
    for kind in ("Deployment", "PodDisruptionBudget"):
        assert FOUND[kind]["spec"]["selector"]["matchLabels"] == labels
    assert FOUND["Service"]["spec"]["selector"] == labels
    names = {each["name"]: each["containerPort"] for each in container("listing-api")["ports"]}
    assert {each["targetPort"] for each in FOUND["Service"]["spec"]["ports"]} == set(names)
    assert str(names["http"]) == environ("listing-api")["LISTING_API_PORT"]
    assert FOUND["Deployment"]["spec"]["replicas"] > FOUND["PodDisruptionBudget"]["spec"]["minAvailable"]


def test_settings_of_the_pods_exist_and_are_enough_and_probes_ask_what_there_is() -> None:
    known = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(environ("listing-api")) <= known
    given = settings_from(environ("listing-api") | {"MONGO_URL": "mongodb://mongo/lists"})
    assert given.container == "given"
    mounts = {each["name"]: each["mountPath"] for each in container("listing-api")["volumeMounts"]}
    assert given.keys is not None
    assert str(given.keys.parent) == mounts["keys"]

    async def paths() -> set[str]:
        service = Service(settings_from({}), given.listing_store())
        return {operation.path for operation in service.operations}

    asked = {each["httpGet"]["path"] for name, each in container("listing-api").items() if "Probe" in name}
    assert asked <= asyncio.run(paths())
    assert container("listing-api")["readinessProbe"]["httpGet"]["path"] == "/readyz"


@pytest.mark.parametrize("name", PODS)
def test_pods_are_restricted_and_bounded_and_mount_what_they_name(name: str) -> None:
    pod, only = PODS[name]["spec"], container(name)
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert {*only["resources"]["limits"]} == {*only["resources"]["requests"]} == {"cpu", "memory"}
    assert {each["name"] for each in only["volumeMounts"]} == {each["name"] for each in pod["volumes"]}


def test_each_pod_speaks_only_to_whom_its_policy_names() -> None:
    for name, pod in PODS.items():
        assert POLICIES[name]["podSelector"]["matchLabels"] == pod["metadata"]["labels"]
        assert POLICIES[name]["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & {*POLICIES["getdata"]}
    ((asked,), (asks,)) = POLICIES["listing-api"]["ingress"], POLICIES["listing-api"]["egress"]
    assert asked["from"] == [{"podSelector": {}}]
    assert [port["port"] for port in asked["ports"]] == [
        port["name"] for port in container("listing-api")["ports"]
    ]
    assert [(port["port"], port["protocol"]) for port in asks["ports"]] == [
        (53, "UDP"), (53, "TCP"), (27017, "TCP"),
    ]  # fmt: skip


def test_ticks_never_overlap_and_write_to_the_volume_that_several_nodes_mount() -> None:
    assert (JOB["schedule"], JOB["concurrencyPolicy"]) == ("* * * * *", "Forbid")
    (mount,) = container("getdata")["volumeMounts"]
    assert mount["mountPath"] == environ("getdata")["OBJECTS_FOLDER"]
    (volume,) = PODS["getdata"]["spec"]["volumes"]
    assert volume["persistentVolumeClaim"]["claimName"] == FOUND["PersistentVolumeClaim"]["metadata"]["name"]
    assert FOUND["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteMany"]
    (script,) = container("getdata")["args"]
    assert all(f"${name}" in script for name in environ("getdata") if name != "LC_ALL")


@pytest.fixture
def place() -> Iterator[Path]:
    """A tree to list and a volume, which a user without rights can enter."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        for folder in ("tree", "objects"):
            (place / folder).mkdir()
            (place / folder).chmod(0o777)
        yield place


def started(place: Path, *before: str, path: str = os.defpath) -> "subprocess.Popen[bytes]":
    """The very command of the manifest, behind another one if given, as a user without rights."""
    ours = {"LISTING_ROOT": str(place / "tree"), "OBJECTS_FOLDER": str(place / "objects")}
    only, unprivileged = container("getdata"), NOBODY if os.geteuid() == 0 else None
    return subprocess.Popen(
        [*before, *only["command"], *only["args"]],
        env=environ("getdata") | {"PATH": path} | ours,
        user=unprivileged,
        stderr=subprocess.DEVNULL,
    )


def test_the_command_of_getdata_lists_each_file_and_tells_what_it_may_not_read(place: Path) -> None:
    names = [b"plain", b"a b,c \"'", b"\xff\xe9", b"-l", b"two\nlines", b"return\r", b"x" + FORGED]
    for name in names:
        Path(os.fsdecode(os.fsencode(place / "tree") + b"/" + name)).write_text("x")
    closed = place / "tree" / f"closed{FORGED.decode()}"
    closed.mkdir()
    closed.chmod(0)
    (place / "objects" / "listings" / "incoming").mkdir(parents=True)
    for folder in ("objects/listings", "objects/listings/incoming"):
        (place / folder).chmod(0o777)
    left = place / "objects" / "listings" / "incoming" / ".killed.part"
    left.write_text("-rw-r--r-- 1 root ro")
    os.utime(left, (0, 0))
    with started(place) as pod:
        assert pod.wait(30) == 0
    store = FolderObjectStore(place / "objects")
    (found,) = store.list("listings/incoming/")
    assert re.fullmatch(r"listings/incoming/\d{4}-\d\d-\d\dT\d\d:\d\d:00Z-given\.txt", found.key)
    with store.open(found) as text:
        (lines,) = tables(split(text), found.key, found.modified_at)
    read = parsed(lines)
    listed = {
        base64.b64decode(row["file_base64"]) if row["file_base64"] else row["file"].encode(): row["mode"]
        for row in read.rows.to_pylist()
    }
    tree = os.fsencode(place / "tree") + b"/"
    assert listed == {tree + name: "-rw-r--r--" for name in names}
    (refused,) = read.rejects.to_pylist()
    assert refused["reason"] == "not_listed"
    assert (
        f"{place}/tree/closed\\n-rw-r--r-- 1 root root 0 Jan  1 00:00 etc': Permission denied"
        in refused["raw"]
    )
    assert [path.name for path in left.parent.iterdir()] == [found.key.rpartition("/")[2]]
    closed.chmod(0o755)


def test_a_text_is_complete_as_soon_as_it_is_an_object(place: Path) -> None:
    for number in range(3_000):
        (place / "tree" / str(number)).touch()
    store = FolderObjectStore(place / "objects")
    seen: list[StoredObject] = []
    with started(place) as pod:
        while not seen and pod.poll() is None:
            seen = store.list("listings/incoming/")
        assert pod.wait(30) == 0
    (found,) = seen or store.list("listings/incoming/")
    with store.open(found) as text:
        assert len(text.read().split(b"\0")) == 3_000 + 1


def test_when_the_volume_is_full_there_is_no_text_rather_than_half_of_one(place: Path) -> None:
    for number in range(200):
        (place / "tree" / str(number)).touch()
    with started(place, "sh", "-c", 'ulimit -f 8; exec "$@"', "full") as pod:
        assert pod.wait(30) != 0
    assert FolderObjectStore(place / "objects").list("listings/incoming/") == []
    assert [*(place / "objects" / "listings" / "incoming").iterdir()] == []


def test_an_ls_that_is_too_old_to_end_lines_with_nul_fails_and_leaves_no_text(place: Path) -> None:
    (place / "tree" / "x").touch()
    old = place / "bin" / "ls"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho \"ls: unrecognized option '--zero'\" >&2\nexit 2\n")
    for made in (old.parent, old):
        made.chmod(0o755)
    with started(place, path=f"{old.parent}:{os.defpath}") as pod:
        assert pod.wait(30) != 0
    assert [*(place / "objects" / "listings" / "incoming").iterdir()] == []
