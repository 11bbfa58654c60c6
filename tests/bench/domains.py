"""A thousand domains with twenty profiles each: what lists, looks and waiting cost then.

The state is made by the API itself, in process, before the server starts. A second server with one
domain stands beside it, and both are asked in turns: what an answer costs must not hang on how many
domains there are. ``guarded`` asks as a member of one domain under the tight policy, with the guard
on lists: it sees its own among all. Times of an answer are those of a client with one connection,
so they hold the server's own time and the way there and back; the ratio is of medians.
"""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from freehold.base.clock import SystemClock
from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.kernel.call import Call
from freehold.kernel.permission import identity
from freehold.kernel.permission.tight import tight_policy
from freehold.store import keys
from tests.bench import servers, signing, world
from tests.support.guards import switch
from tests.support.inprocess import Aws
from tests.support.jobs import TRUST
from tests.support.people import make_user

DOMAINS, PROFILES = 1_000, 20
FILL_STEP = 500
QUESTIONS = 200
IDLE_SECONDS = 10.0


def measure(directory: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds an answer by operation, memory, start and rest of a full server."""
    began = time.perf_counter()
    many, many_keys, member = fill(directory / "many", DOMAINS, PROFILES)
    fill_seconds = time.perf_counter() - began
    one, one_keys, _ = fill(directory / "one", 1, PROFILES)
    found: dict[str, Any] = {"creates_per_second": DOMAINS * (PROFILES + 1) / fill_seconds}
    starts = [_start(directory / "many") for _ in range(rounds)]
    found["first_answer_seconds"] = statistics.median(starts)
    bare = [_start(directory / "one") for _ in range(rounds)]
    found["first_answer_seconds_with_one"] = statistics.median(bare)
    with (
        servers.freehold(directory / "many") as full,
        servers.freehold(directory / "one") as small,
    ):
        asked = {
            "list_domains": ({"MaxResults": 100}, {"MaxResults": 100}),
            "list_domains_last_page": (_last_page(full.port, many_keys), {"MaxResults": 100}),
            "describe_domain": ({"DomainId": many[-1]}, {"DomainId": one[0]}),
            "describe_user_profile": (_profile(many[-1]), _profile(one[0])),
            "list_user_profiles": (_profiles(many[-1]), _profiles(one[0])),
        }
        for name, (large, little) in asked.items():
            turns: dict[str, list[float]] = {"full": [], "small": []}
            for _ in range(rounds):
                turns["full"] += _ask(full.port, many_keys, name, large)
                turns["small"] += _ask(small.port, one_keys, name, little)
            ours, other = (statistics.median(turns[which]) for which in ("full", "small"))
            found |= {f"{name}_ms": 1000 * ours, f"{name}_ratio": ours / other}
        guarded = _ask(full.port, member, "list_domains", {"MaxResults": 100})
        found["list_domains_guarded_ms"] = 1000 * statistics.median(guarded)
        servers.await_rest(full.pid)
        used = servers.cpu_seconds(full.pid)
        time.sleep(IDLE_SECONDS)
        found["idle_cpu_percent"] = 100 * (servers.cpu_seconds(full.pid) - used) / IDLE_SECONDS
        found["idle_mib"] = servers.memory_mib(full.pid)
    for name, value in found.items():
        print(f"domains.{name:32s} {value:9.2f}", flush=True)
    return found


def _profile(domain_id: str) -> dict[str, Any]:
    return {"DomainId": domain_id, "UserProfileName": "user-7"}


def _profiles(domain_id: str) -> dict[str, Any]:
    return {"DomainIdEquals": domain_id, "MaxResults": 20}


Key = tuple[str, str]


def fill(state: Path, domains: int, profiles: int) -> tuple[list[str], Key, Key]:
    """Make a state; the ids of its domains, the root's key, and one of a member of the first."""
    settings = Settings(state=state, account_id=world.ACCOUNT, region=world.REGION)
    house = open_house(settings, SystemClock())
    try:
        owner = keys.of_owner(house.kernel.reader.connection, identity.root_arn(settings))[0]
        key = (owner.id, owner.secret)
        aws = Aws(house.api, world.REGION, key)
        aws.client("iam").create_role(RoleName="bench", AssumeRolePolicyDocument=TRUST)
        made = _make(house, domains, profiles)
        place = ("aws", world.REGION, world.ACCOUNT)
        arn = f"arn:aws:sagemaker:{world.REGION}:{world.ACCOUNT}:domain/{made[0]}"
        tight = tight_policy(*place, arn, made[0], world.ROLE, "bucket", with_lists=True)
        member = make_user(aws, "member")
        iam = aws.client("iam")
        kept = iam.create_policy(PolicyName="tight", PolicyDocument=json.dumps(tight))["Policy"]
        iam.attach_user_policy(UserName="member", PolicyArn=kept["Arn"])
        switch(house, "isolation=strict")
        aws.close()
        return made, key, member
    finally:
        house.close()


def _make(house: House, domains: int, profiles: int) -> list[str]:
    settings = {"ExecutionRole": world.ROLE, "StudioWebPortal": "ENABLED"}
    tags = [{"Key": "team", "Value": "a"}]
    asked: list[dict[str, Any]] = [
        {
            "DomainName": f"domain-{number}",
            "AuthMode": "IAM",
            "DefaultUserSettings": settings,
            "DefaultSpaceSettings": {"ExecutionRole": world.ROLE},
            "Tags": tags,
        }
        for number in range(domains)
    ]
    ids = [answer["DomainArn"].rpartition("/")[2] for answer in _run(house, "CreateDomain", asked)]
    people = [
        {"DomainId": domain, "UserProfileName": f"user-{number}", "Tags": tags}
        for domain in ids
        for number in range(profiles)
    ]
    _run(house, "CreateUserProfile", people)
    return ids


def _run(house: House, name: str, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kernel = house.kernel
    operation = kernel.registry.services["sagemaker"].operations[name]
    owner = identity.root(house.settings)
    found = []
    for start in range(0, len(asked), FILL_STEP):
        made: list[Future[dict[str, Any]]] = [
            kernel.write(Call(kernel, operation, owner, request))
            for request in asked[start : start + FILL_STEP]
        ]
        found += [one.result() for one in made]
    return found


def _start(state: Path) -> float:
    """From exec to the first HTTP answer."""
    port = servers.free_port()
    began = time.perf_counter()
    with servers.running(servers.ours(state, port), state.with_suffix(".log"), cpu=None):
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", "/")
                connection.getresponse().read()
            except OSError:
                if time.perf_counter() - began > servers.READY_SECONDS_MAX:
                    raise SystemExit("no server came up") from None
                time.sleep(0.005)
            else:
                return time.perf_counter() - began


def _last_page(port: int, key: tuple[str, str]) -> dict[str, Any]:
    """The question for the last hundred: each page is asked for by the token of the one before."""
    sagemaker = signing.client(f"http://127.0.0.1:{port}", key)
    question: dict[str, Any] = {"MaxResults": 100}
    while True:
        token = sagemaker.list_domains(**question).get("NextToken")
        if token is None:
            return question
        question = {"MaxResults": 100, "NextToken": token}


def _ask(port: int, key: tuple[str, str], operation: str, body: dict[str, Any]) -> list[float]:
    """Seconds of each answer, one after the other."""
    url = f"http://127.0.0.1:{port}"
    raw = signing.signed(url, key, operation.removesuffix("_last_page"), [body])[0]
    seconds = []
    with socket.create_connection(("127.0.0.1", port)) as one:
        for _ in range(QUESTIONS):
            began = time.perf_counter()
            one.sendall(raw)
            read = one.recv(1 << 20)
            head, _, rest = read.partition(b"\r\n\r\n")
            if b" 200 " not in head:
                raise SystemExit(f"{operation}: {read[:400]!r}")
            missing = int(head.lower().split(b"content-length:")[1].split()[0]) - len(rest)
            while missing > 0:
                missing -= len(one.recv(1 << 20))
            seconds.append(time.perf_counter() - began)
    return seconds
