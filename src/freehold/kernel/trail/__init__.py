"""The audit log asked: which calls were made, by whom, on what, newest first.

``terms.py`` reads an entry as words, ``asked.py`` how it was decided; ``lookup.py`` finds
them by their words, ``visible.py`` hides what a caller may not see. Written by ``kernel/audit.py``,
indexed by ``loops/trail.py``, answered by ``services/cloudtrail``.
"""

from freehold.kernel.trail import asked, terms
from freehold.kernel.trail.lookup import Trail, Wanted
from freehold.kernel.trail.visible import visible
from freehold.store.audit import Entry

__all__ = ["Entry", "Trail", "Wanted", "asked", "terms", "visible"]
