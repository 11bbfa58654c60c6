"""Calls that begin at the same instant, and what each of them said."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

OK = "ok"
CUT = "cut"  # the server went away before it answered


def together(*asks: Callable[[], Any]) -> list[str]:
    """``ok``, AWS's error code, or ``cut``, for each in order; any other trouble is raised."""
    said = [CUT] * len(asks)
    trouble: list[BaseException] = []
    gate = threading.Barrier(len(asks))

    def run(at: int) -> None:
        gate.wait()
        try:
            asks[at]()
            said[at] = OK
        except ClientError as error:
            said[at] = error.response["Error"]["Code"]
        except BotoCoreError:
            said[at] = CUT
        except BaseException as error:
            trouble.append(error)

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(asks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if trouble:
        raise trouble[0]
    return said
