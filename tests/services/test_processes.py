"""The services as processes: started, asked, stopped and refused as an orchestrator or a person sees it."""

import asyncio
import json
import signal
import socket
from pathlib import Path

import httpx

from servers.processes import free_ports
from tests.http_services import filled, log_service, logged
from tests.service_processes import process, told
from tests.small_disks import on_small_disk
from tests.x_server import until


def test_a_stop_under_load_answers_what_was_accepted_and_delivers_it(tmp_path: Path) -> None:
    filled(tmp_path, (15, "7"))
    answered: list[str] = []

    async def ask(client: httpx.AsyncClient, worker: int) -> None:
        for number in range(10_000):
            request_id = f"{worker}-{number}"
            try:
                answer = await client.post("/getPromotions", json={"requestId": request_id, "userIds": [15]})
            except httpx.TransportError:
                return
            assert answer.status_code == 200
            answered.append(request_id)
            if len(answered) == 100:
                service.send_signal(signal.SIGTERM)

    async def load(url: str) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            await asyncio.gather(*(ask(client, worker) for worker in range(8)))

    with log_service(tmp_path) as log, process("services.promotions", tmp_path, LOG_URL=log.url) as (
        service, said,
    ):  # fmt: skip
        until(lambda: told(said, "started"), "the service to listen")
        asyncio.run(load(told(said, "started")[0]["url"]))
        assert service.wait(30) == 0
    assert told(said, "stopping")[0]["entries_left_on_disk"] == 0
    assert [line["event"] for line in map(json.loads, said)][-1] == "stopped"
    assert {line["service"] for line in map(json.loads, said)} == {"promotions"}
    assert len(answered) >= 100
    assert sorted(entry.request_id for entry in logged(tmp_path)) == sorted(answered)


def test_a_full_disk_under_the_outbox_is_free_again_when_the_log_is_back(tmp_path: Path) -> None:
    disk = tmp_path / "disk"

    def ask(number: int) -> dict[str, object]:
        return {"requestId": f"r{number}", "userIds": [10**15] * 1_000}

    log_port, answered = free_ports(1)[0], list[str]()
    given = {"LOG_URL": f"http://127.0.0.1:{log_port}", "PROMOTIONS_OUTBOX": str(disk)}
    small = on_small_disk(disk, 8_000_000)
    with process("services.promotions", tmp_path, within=small, **given) as (_, said):
        until(lambda: told(said, "started"), "the service to listen")
        with httpx.Client(base_url=told(said, "started")[0]["url"]) as client:
            while (status := client.post("/getPromotions", json=ask(len(answered))).status_code) == 200:
                answered.append(f"r{len(answered)}")
            assert status == 503
            assert "full" in client.get("/readyz").json()["why"][0]
            with log_service(tmp_path, port=log_port):
                until(lambda: client.get("/readyz").status_code == 200, "room on the disk")
                until(lambda: len(logged(tmp_path)) == len(answered), "all entries in the log")
                assert client.post("/getPromotions", json=ask(-1)).status_code == 200
                until(lambda: len(logged(tmp_path)) == len(answered) + 1, "the last one too")
    assert {entry.request_id for entry in logged(tmp_path)} == {*answered, "r-1"}
    assert not any("disk" in line["error"] for line in told(said, "the request log took no entries"))
    assert "disk is full" in told(said, "what was delivered could not be removed")[0]["error"]


def test_a_taken_port_is_named_and_the_exit_code_is_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with process("services.request_log", tmp_path, REQUEST_LOG_PORT=port) as (service, said):
            assert service.wait(30) == 1
        (failed,) = told(said, "failed")
        assert f"REQUEST_LOG_PORT {port}" in failed["error"]


def test_a_key_is_made_by_a_command_and_its_line_lets_it_in(tmp_path: Path) -> None:
    with process("services.promotions", tmp_path, "key", "till", "--rights", "read") as (command, _):
        assert command.stdout is not None
        shown = command.stdout.read().splitlines()
    key, line = (each.rpartition(": ")[2] for each in shown)
    (tmp_path / "keys").write_text(line)
    with process("services.promotions", tmp_path, PROMOTIONS_API_KEYS=str(tmp_path / "keys")) as (_, said):
        until(lambda: told(said, "started"), "the service to listen")
        url = told(said, "started")[0]["url"] + "/getPromotions"
        body = {"requestId": "a", "userIds": []}
        assert httpx.post(url, json=body).status_code == 401
        assert httpx.post(url, json=body, headers={"X-API-Key": key}).content == b"[]"
    assert key not in "".join(said)


def test_all_are_started_by_one_command_which_tells_a_line_to_try_and_stops_them(tmp_path: Path) -> None:
    ports = [str(port) for port in free_ports(3)]
    environ = dict(zip(("PROMOTIONS_PORT", "REQUEST_LOG_PORT", "LISTING_API_PORT"), ports, strict=True))
    log_url = f"http://127.0.0.1:{ports[1]}"
    with process("services", tmp_path, LOG_URL=log_url, **environ) as (all_of_them, said):
        until(lambda: len(told(said, "started")) == 3, "all services to listen")
        url = f"http://127.0.0.1:{ports[0]}"
        assert httpx.post(f"{url}/getPromotions", json={"requestId": "a", "userIds": []}).content == b"[]"
        until(lambda: logged(tmp_path), "the call in the log")
        all_of_them.send_signal(signal.SIGINT)
        assert all_of_them.wait(30) == 0
        assert all_of_them.stdout is not None
        lines = all_of_them.stdout.read()
    assert f"{url}/getPromotions" in lines
    assert f"http://127.0.0.1:{ports[2]}/\n" in lines
    assert len(told(said, "stopped")) == 3
