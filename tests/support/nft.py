"""Just enough of nft to know what a text of ours leaves behind: names, rules, elements.

It refuses what nft refuses: making what is there, using what is not, removing what is in use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

T = "inet freehold"


@dataclass
class Table:
    """What is in force."""

    chains: dict[str, list[str]] = field(default_factory=dict)
    sets: dict[str, set[str]] = field(default_factory=dict)
    counters: set[str] = field(default_factory=set)

    def run(self, text: str) -> Table:
        """Carry out lines, in order."""
        for line in text.splitlines():
            verb, kind, _, rest = re.fullmatch(rf"(\w+) (\w+) ({T})(.*)", line).groups()  # type: ignore[union-attr]
            name, _, more = rest.strip().partition(" ")
            getattr(self, f"_{verb}_{kind}")(name, more)
        self._check()
        return self

    def _add_table(self, _name: str, _more: str) -> None: ...

    def _delete_table(self, _name: str, _more: str) -> None:
        self.chains, self.sets, self.counters = {}, {}, set()

    def _add_set(self, name: str, _more: str) -> None:
        assert name not in self.sets, name
        self.sets[name] = set()

    _add_map = _add_set

    def _flush_set(self, name: str, _more: str) -> None:
        self.sets[name].clear()

    def _delete_set(self, name: str, _more: str) -> None:
        del self.sets[name]

    def _add_element(self, name: str, more: str) -> None:
        for one in _listed(more):
            assert one not in self.sets[name], one
            self.sets[name].add(one)

    def _delete_element(self, name: str, more: str) -> None:
        for one in _listed(more):
            self.sets[name].remove(one)

    def _add_chain(self, name: str, _more: str) -> None:
        assert name not in self.chains, name
        self.chains[name] = []

    def _flush_chain(self, name: str, _more: str) -> None:
        self.chains[name].clear()

    def _delete_chain(self, name: str, _more: str) -> None:
        assert not self.chains[name], name
        del self.chains[name]

    def _add_rule(self, name: str, more: str) -> None:
        self.chains[name].append(more)

    def _add_counter(self, name: str, _more: str) -> None:
        self.counters.add(name)

    def _delete_counter(self, name: str, _more: str) -> None:
        self.counters.remove(name)

    def _check(self) -> None:
        """All that is named is there."""
        lines = [line for rules in self.chains.values() for line in rules]
        lines += [one for elements in self.sets.values() for one in elements]
        for line in lines:
            assert set(re.findall(r"goto (\w+)", line)) <= self.chains.keys(), line
            assert set(re.findall(r"@(\w+)", line)) <= self.sets.keys(), line
            assert set(re.findall(r'counter name "(\w+)"', line)) <= self.counters, line


def _listed(more: str) -> list[str]:
    return [one.strip() for one in more.strip("{} ").split(",")]
