"""How commands about domains ask the server: names to domains, pages to items, errors to words.

Input: AWS clients of the administrator (``cli/quick/clients.py``) or of a test. Output: what AWS
answers, or a fault of one line that says what did not work and what to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from freehold.base.errors import Conflict, Internal, NotFound

T = TypeVar("T")
PAGE = 100  # what SageMaker's and EFS's lists give at most in one answer
PATIENCE_SECONDS = 60.0  # a server that restarts is back sooner
RETRY_SECONDS = 0.5
ABSENT = frozenset({"ResourceNotFound", "ResourceNotFoundException", "FileSystemNotFound"})
AWAY = (HTTPClientError, NoConnectionError)
BUSY = frozenset({"ServiceUnavailable", "ThrottlingException", "InternalFailure"})


@contextmanager
def told() -> Iterator[None]:
    """Turn what botocore raises into a fault of one line.

    Raises:
        Internal: The server does not answer.
        Conflict: It refused; its own words are kept.
    """
    try:
        yield
    except ClientError as error:
        said = error.response["Error"]
        raise Conflict(f"{error.operation_name}: {said['Message']} ({said['Code']})") from error
    except AWAY as error:
        raise Internal(
            f"the server does not answer ({_where(error)}): is it running? Start it with "
            "`freehold up --state DIR`, then run this again"
        ) from error
    except BotoCoreError as error:
        raise Internal(str(error)) from error


def _where(error: BotoCoreError) -> str:
    return str(getattr(error, "kwargs", {}).get("endpoint_url") or error)


def code_of(error: ClientError) -> str:
    """AWS's name of a refusal."""
    return str(error.response["Error"]["Code"])


def every(client: Any, operation: str, member: str, **asked: Any) -> list[dict[str, Any]]:
    """All items of a list, in the fewest pages."""
    pages = client.get_paginator(operation).paginate(**asked, PaginationConfig={"PageSize": PAGE})
    return [item for page in pages for item in page[member]]


def found(ask: Callable[[], T]) -> T | None:
    """What ``ask`` gives; None if the thing does not exist."""
    try:
        return ask()
    except ClientError as error:
        if code_of(error) in ABSENT:
            return None
        raise


def patiently(ask: Callable[[], T], wait: Callable[[str], None]) -> T:
    """Ask again while the server is away or busy, for PATIENCE_SECONDS.

    Only for what may be asked twice: a connection that broke does not say whether the call was
    heard. ``wait`` is told once.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    has_told = False
    while True:
        try:
            return ask()
        except (*AWAY, ClientError) as error:
            is_refused = isinstance(error, ClientError) and code_of(error) not in BUSY
            if is_refused or time.monotonic() > deadline:
                raise
        if not has_told:
            wait(f"the server does not answer: waiting up to {PATIENCE_SECONDS:.0f} seconds")
            has_told = True
        time.sleep(RETRY_SECONDS)


def domain_named(sagemaker: Any, named: str) -> dict[str, Any]:
    """DescribeDomain's answer for a domain's name, id or ARN.

    Raises:
        NotFound: There is none; near misses are named.
    """
    domains = every(sagemaker, "list_domains", "Domains")
    for one in domains:
        if named in (one["DomainName"], one["DomainId"], one["DomainArn"]):
            answer: dict[str, Any] | None = found(
                lambda: sagemaker.describe_domain(DomainId=one["DomainId"])  # noqa: B023 - asked now
            )
            if answer is not None:
                return answer
    near = sorted(d["DomainName"] for d in domains if d["DomainName"].lower() == named.lower())
    hint = f": did you mean {near[0]}?" if near else "; `freehold domains` lists them"
    raise NotFound(f"there is no domain {named}{hint}")


def tags_of(sagemaker: Any, arn: str) -> dict[str, str]:
    """A resource's tags."""
    tags = sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in tags for tag in page["Tags"]}


def until(test: Callable[[], bool], seconds: float, late: str) -> None:
    """Ask until ``test`` holds.

    Raises:
        Conflict: It did not within ``seconds``; ``late`` says what to do.
    """
    deadline = time.monotonic() + seconds
    while not test():
        if time.monotonic() > deadline:
            raise Conflict(late)
        time.sleep(RETRY_SECONDS / 2)
