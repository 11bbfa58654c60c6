"""Builds the whole from settings; the only file that names everything.

``open_house`` makes or opens a state directory and gives back a kernel that answers;
``edge`` and ``loops`` are put on top by ``cli/up.py`` through ``assemble``.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from freehold.auth.sealing import KEY_BYTES, Keyring
from freehold.base import ids
from freehold.base.clock import Clock, SystemClock
from freehold.base.errors import Invalid
from freehold.base.settings import Settings
from freehold.edge import inside, reset, storage
from freehold.edge import settings as account_settings
from freehold.edge.api import Api
from freehold.edge.apps.claims import Claims
from freehold.edge.apps.gate import Gate
from freehold.edge.apps.proxy import AppProxy
from freehold.edge.console import door
from freehold.edge.dns import answers
from freehold.edge.listen import hosts, tls
from freehold.edge.listen.connections import Listener
from freehold.edge.listen.forward import Forward
from freehold.edge.listen.lookups import Lookups
from freehold.edge.listen.outward import Outward
from freehold.edge.listen.server import Server
from freehold.edge.listen.server import run as server_run
from freehold.edge.listen.server import serve as serve_until_told
from freehold.edge.s3 import S3
from freehold.host.networks import namespaces
from freehold.host.networks.namespaces import Namespaces
from freehold.host.routes import leads_away
from freehold.host.sandboxes import probe
from freehold.kernel.declare.service import Registry
from freehold.kernel.dispatch import Kernel
from freehold.kernel.network.egress import Egress
from freehold.kernel.permission import identity
from freehold.loops.analysis import Analysis
from freehold.loops.apps.loop import Apps
from freehold.loops.budgets import Budgets
from freehold.loops.engine import Engine, Loop
from freehold.loops.files import Volumes
from freehold.loops.jobs import Jobs
from freehold.loops.jobs.data.buckets import S3Files
from freehold.loops.mail import Mail
from freehold.loops.metering import Metering
from freehold.loops.networks.loop import Networks
from freehold.loops.reset import Reset, end_all
from freehold.loops.retention import Retention
from freehold.loops.sweep import Sweep
from freehold.loops.trail import TrailIndex
from freehold.objects.blobs import BlobStore
from freehold.runners.local import LocalRunner
from freehold.services.catalog import SEEDS, SERVICES
from freehold.store import keys, leases
from freehold.store.database import StateLock, connect, prepare
from freehold.store.reserve import Reserve, is_full
from freehold.store.unit import Unit


@dataclass(slots=True)
class House:
    """An opened install: what it was told, what it holds, and the lock that makes it ours."""

    settings: Settings
    kernel: Kernel
    api: Api
    lock: StateLock

    def close(self) -> None:
        """Write what waits and let go of the state."""
        self.kernel.close()
        self.lock.release()


def open_house(settings: Settings, clock: Clock | None = None) -> House:
    """Open a state directory, making it on first use.

    Raises:
        Conflict: Another server has it.
        Invalid: It is of another version, account or region.
    """
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.database.exists() or not any(settings.state.iterdir()):
        os.chmod(settings.state, 0o700)  # ours; somebody's own directory keeps its mode
    lock = StateLock(settings.state)
    lock.take()
    try:
        keyring = _prepared(settings)
        registry = Registry(SERVICES)
        blobs = BlobStore.in_directory(settings.state / "objects")
        kernel = Kernel(settings, clock or SystemClock(), registry, keyring, blobs)
        kernel.writer.run(lambda unit: _seed(unit, kernel))
    except BaseException:
        lock.release()
        raise
    api = Api(kernel)
    api.stream = S3(api).answer
    return House(settings, kernel, api, lock)


def _prepared(settings: Settings) -> Keyring:
    """Open what is kept; on a full disk with the room that was kept back for this."""
    try:
        prepare(settings.database)
        return _install(settings)
    except (OSError, sqlite3.Error) as error:
        if not (is_full(error) and Reserve(settings.state).give_up()):
            raise
    prepare(settings.database)
    return _install(settings)


def _install(settings: Settings) -> Keyring:
    """The install's own facts: account and region are fixed at first start, secrets are made."""
    connection = connect(settings.database)
    try:
        connection.execute("begin immediate")
        for name, value in (("account_id", settings.account_id), ("region", settings.region)):
            known = keys.meta(connection, name)
            if known is None:
                keys.set_meta(connection, name, value.encode())
            elif known.decode() != value:
                raise Invalid(
                    f"state {settings.state} is of {name} {known.decode()}, not {value}: "
                    "leave the option away or choose another --state"
                )
        sealing = keys.meta(connection, "sealing_key")
        if sealing is None:
            sealing = secrets.token_bytes(KEY_BYTES)
            keys.set_meta(connection, "sealing_key", sealing)
        previous = keys.meta(connection, "sealing_key_previous")
        owner = identity.root_arn(settings)
        if not keys.of_owner(connection, owner):
            key = keys.AccessKey(
                ids.unique_id("AKIA"), owner, ids.secret_key(), "Active", 0.0, None
            )
            keys.put(connection, key)
        leases.clear(connection)
        connection.execute("commit")
    finally:
        connection.close()
    return Keyring(sealing, previous)


def _seed(unit: Unit, kernel: Kernel) -> None:
    """What every account has from its first day: a default VPC, AWS's managed policies."""
    for seed in SEEDS:
        seed(unit, kernel.settings, kernel.clock.now())


def recorded(state: Path) -> dict[str, str]:
    """Account and region that a state directory was made for; empty if it is new."""
    database = Settings(state=state).database
    if not database.exists():
        return {}
    try:
        connection = connect(database, read_only=True)
        try:
            found = {name: keys.meta(connection, name) for name in ("account_id", "region")}
        finally:
            connection.close()
    except sqlite3.Error:
        return {}
    return {name: value.decode() for name, value in found.items() if value is not None}


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Open the house, listen, and serve until SIGTERM.

    Raises:
        Fault: In one line, why it cannot start; nothing is left behind.
    """
    _require_sandbox()
    house = open_house(settings)
    try:
        server_run(_serving(house, ready))
    finally:
        house.close()


def _require_sandbox() -> None:
    """A server whose apps and jobs could never start says so at once, not at the first job."""
    trouble = probe.bubblewrap().trouble
    if trouble:
        raise Invalid(
            f"sandboxes cannot be made on this host: {' '.join(trouble.split())}; "
            "`freehold doctor` gives the command that mends it"
        )


async def _serving(house: House, ready: Callable[[str], None]) -> None:
    """Listen, let the loops turn, and say that we are ready."""
    settings, kernel = house.settings, house.kernel
    authority = tls.authority(settings.state)
    tls.bundle(settings.state)
    outward = Outward(Egress(kernel, leads_away), Lookups())
    outward.begin()
    serves = hosts.served(settings.region, kernel.has_bucket)
    forward = Forward(authority=authority, serves=serves, outward=outward)
    claims = Claims(kernel)
    inside.join(house.api, kernel)
    answers.join(house.api, outward, lambda host: serves(host) or hosts.is_telemetry(host))
    account_settings.join(house.api, kernel)
    storage.join(house.api, kernel)
    door.join(house.api, kernel)
    proxy = AppProxy(Gate(kernel, claims.url_of))
    server = Server(
        house.api,
        proxy=proxy,
        is_app_origin=lambda host: claims.origins.is_app(host),
        authority=authority,
        forward=forward,
    )
    plain = await server.listen(Listener("api", "plain", (settings.host, settings.port)))
    secure = await server.listen(Listener("tls", "tls", (settings.host, settings.tls_port)))
    assert isinstance(plain, tuple)
    assert isinstance(secure, tuple)
    settings = replace(settings, port=plain[1], tls_port=secure[1])
    house.settings = kernel.settings = settings
    claims.begin(server, settings.port)
    runner = LocalRunner(settings.state)

    engine = Engine(kernel, _loops(kernel, runner))
    empty = Reset(
        kernel,
        engine,
        runner,
        make=lambda: _loops(kernel, runner),
        clear=lambda: namespaces.clear(settings.state),
        seed=lambda unit: _seed(unit, kernel),
    )
    reset.join(house.api, empty)
    _record(settings)
    engine.start()
    try:
        await serve_until_told(server, (), lambda: ready(settings.endpoint_url))
    finally:
        await engine.stop()
        if settings.is_ephemeral:
            await asyncio.to_thread(end_all, runner)
            await asyncio.to_thread(namespaces.clear, settings.state)
        await proxy.close()


def _loops(kernel: Kernel, runner: LocalRunner) -> tuple[Loop, ...]:
    """All that moves by itself, remembering nothing."""
    networks = Networks(kernel, Namespaces(kernel.settings.state))
    return (
        Apps(kernel, runner, networks),
        Jobs(kernel, runner, networks, S3Files(kernel)),
        Metering(kernel),
        Budgets(kernel),
        Mail(kernel),
        Sweep(kernel),
        Retention(kernel),
        Volumes(kernel, runner),
        TrailIndex(kernel),
        Analysis(kernel, _isolation(kernel.settings.state)),
        networks,  # the last to close: those before it may still ask for one
    )


def _isolation(state: Path) -> list[str]:
    """The command that examines a state and prints its report: in a process of its own, gently."""
    command = "from freehold.cli.main import main; raise SystemExit(main())"
    words = [sys.executable, "-c", command, "isolation", "--json", "--state", str(state)]
    return [*(["nice"] if shutil.which("nice") else []), *words]


def _record(settings: Settings) -> None:
    """Write down where we listen, for `freehold env`."""
    facts = {
        "host": settings.host,
        "port": settings.port,
        "tls_port": settings.tls_port,
        "account_id": settings.account_id,
        "region": settings.region,
        "pid": os.getpid(),
    }
    place = settings.server_file
    fresh = place.with_suffix(".new")
    fresh.write_text(json.dumps(facts))
    fresh.replace(place)
