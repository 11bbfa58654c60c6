"""Isolation: can a principal of one domain reach anything of another, and through which chain.

``ground.py`` reads what the account holds, ``reach.py`` finds whom the principals of a domain can
become, ``crossing.py`` asks of each what it may do to the things of the other domains, and
``examine.py`` is the whole of it. Decisions are the engine's own: nothing here decides.
"""
