"""What policies grant, told without a request: some access, or more than another policy.

Answers are proven or not given. That access is granted is proven by an example which the engine
allows; that it is not, by the text alone. Where neither succeeds, ``Undecided`` says so.
``patterns.py`` compares patterns, ``examples.py`` makes requests, ``granted.py`` and ``newer.py``
answer. Asked by Access Analyzer's checks.
"""

from freehold.policy.comparing.examples import Reason, Undecided
from freehold.policy.comparing.granted import granted
from freehold.policy.comparing.newer import newer

__all__ = ["Reason", "Undecided", "granted", "newer"]
