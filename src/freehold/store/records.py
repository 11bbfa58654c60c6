"""Records: the rows of ``resource`` and their tags. SQL here, meaning one floor up.

A record is a document in AWS's spelling plus what every resource has. Documents and tags
are decoded only when somebody looks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

Document = dict[str, Any]

_COLUMNS = (
    "id, arn, kind, scope, name, uid, status, created, modified, domain, mover, due, "
    "tags, summary, document"
)
_BY_ARN = f"select {_COLUMNS} from resource where arn = ?"  # noqa: S608 - our own columns
_BY_NAME = f"select {_COLUMNS} from resource where kind = ? and scope = ? and name = ?"  # noqa: S608
DOMAIN_TAG = "sagemaker:domain-arn"

encode = msgspec.json.Encoder().encode
decode: Any = msgspec.json.Decoder().decode
decode_outline: Any = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Record:
    """One resource as it is kept. ``id`` is 0 until it was inserted."""

    __slots__ = (
        "_document",
        "_raw",
        "_raw_tags",
        "_tags",
        "arn",
        "created",
        "domain",
        "due",
        "id",
        "kind",
        "modified",
        "mover",
        "name",
        "scope",
        "status",
        "summary",
        "uid",
    )

    def __init__(
        self, kind: str, arn: str, name: str, *, scope: str = "", uid: str = "", at: float = 0.0
    ) -> None:
        self.id = 0
        self.arn = arn
        self.kind = kind
        self.scope = scope
        self.name = name
        self.uid = uid
        self.status: str | None = None
        self.created = at
        self.modified = at
        self.domain: str | None = None
        self.mover: str | None = None
        self.due: float | None = None
        self.summary: bytes | None = None
        self._raw: bytes = b"{}"
        self._raw_tags: bytes = b"{}"
        self._document: Document | None = {}
        self._tags: dict[str, str] | None = {}

    @classmethod
    def of(cls, row: Sequence[Any]) -> Record:
        """The record of a row of ``_COLUMNS``."""
        record = cls.__new__(cls)
        (
            record.id,
            record.arn,
            record.kind,
            record.scope,
            record.name,
            record.uid,
            record.status,
            record.created,
            record.modified,
            record.domain,
            record.mover,
            record.due,
            record._raw_tags,
            record.summary,
            record._raw,
        ) = row
        record._document = None
        record._tags = None
        return record

    @property
    def document(self) -> Document:
        """The document, decoded once; changes to it are kept by ``Unit.save``."""
        if self._document is None:
            self._document = decode(self._raw)
        return self._document

    @document.setter
    def document(self, value: Document) -> None:
        self._document = value

    @property
    def outline(self) -> Document:
        """The document for an answer in JSON: what stands below the top is not read.

        Such values are ``msgspec.Raw``, which pass to the wire as they are kept.
        """
        return decode_outline(self._raw) if self._document is None else self._document

    @property
    def stored_tags(self) -> bytes:
        """The tags as they were read from the store, not decoded: equal text, equal tags."""
        return self._raw_tags

    @property
    def tags(self) -> dict[str, str]:
        """All tags, user's and automatic, by key."""
        if self._tags is None:
            self._tags = decode(self._raw_tags)
        return self._tags

    @tags.setter
    def tags(self, value: dict[str, str]) -> None:
        self._tags = value


class Page(NamedTuple):
    """What a list asks of one kind. ``column`` is created, modified, name or status.

    ``domains``: only what carries one of these as its domain's tag; None among them: or none.
    ``other_tags``: only what has none of these sets of tags (``Record.stored_tags``).
    """

    kind: str
    scope: str | None = None
    column: str = "created"
    descending: bool = False
    after: tuple[Any, int] | None = None
    name_contains: str | None = None
    status: str | None = None
    created: tuple[float | None, float | None] = (None, None)
    modified: tuple[float | None, float | None] = (None, None)
    tag: tuple[str, str] | None = None
    limit: int = 10
    domains: tuple[str | None, ...] | None = None
    other_tags: tuple[bytes, ...] = ()


def by_arn(connection: sqlite3.Connection, arn: str) -> Record | None:
    """The record of exactly this ARN."""
    row = connection.execute(_BY_ARN, (arn,)).fetchone()
    return None if row is None else Record.of(row)


def by_name(connection: sqlite3.Connection, kind: str, scope: str, name: str) -> Record | None:
    """The record of this kind and name in ``scope``."""
    row = connection.execute(_BY_NAME, (kind, scope, name)).fetchone()
    return None if row is None else Record.of(row)


def _where(page: Page) -> tuple[str, list[Any]]:
    clauses: list[str] = ["kind = ?"]
    values: list[Any] = [page.kind]
    direction = "<" if page.descending else ">"
    if page.scope is not None:
        # Said outright, so that the store may take the index of what has a scope.
        clauses.append("scope = ? and scope <> ''" if page.scope else "scope = ?")
        values.append(page.scope)
    if page.status is not None:
        clauses.append("status = ?")
        values.append(page.status)
    if page.name_contains:
        clauses.append("instr(lower(name), lower(?)) > 0")
        values.append(page.name_contains)
    for column, (low, high) in (("created", page.created), ("modified", page.modified)):
        if low is not None:
            clauses.append(f"{column} > ?")
            values.append(low)
        if high is not None:
            clauses.append(f"{column} < ?")
            values.append(high)
    if page.tag is not None:
        clauses.append("id in (select rid from tag where k = ? and v = ?)")
        values.extend(page.tag)
    if page.domains is not None:
        named = [domain for domain in page.domains if domain is not None]
        within = f"domain in ({','.join('?' * len(named))})"
        clauses.append(f"({within} or domain is null)" if None in page.domains else within)
        values.extend(named)
    if page.other_tags:
        clauses.append(f"tags not in ({','.join('?' * len(page.other_tags))})")
        values.extend(page.other_tags)
    if page.after is not None:
        clauses.append(f"({page.column}, id) {direction} (?, ?)")
        values.extend(page.after)
    return " and ".join(clauses), values


def summaries(connection: sqlite3.Connection, page: Page) -> list[tuple[Any, int, bytes]]:
    """(sort value, id, ready list item) of one page, in order; no record is decoded."""
    where, values = _where(page)
    order = "desc" if page.descending else "asc"
    sql = (
        f"select {page.column}, id, summary from resource where {where} "  # noqa: S608 - closed set
        f"order by {page.column} {order}, id {order} limit ?"
    )
    return connection.execute(sql, (*values, page.limit)).fetchall()


def records(connection: sqlite3.Connection, page: Page) -> list[Record]:
    """Whole records of one page, in order."""
    where, values = _where(page)
    order = "desc" if page.descending else "asc"
    sql = (
        f"select {_COLUMNS} from resource where {where} "  # noqa: S608 - closed set
        f"order by {page.column} {order}, id {order} limit ?"
    )
    return [Record.of(row) for row in connection.execute(sql, (*values, page.limit))]


def count(connection: sqlite3.Connection, kind: str, scope: str | None = None) -> int:
    """How many records of a kind there are, in ``scope`` if given."""
    sql = "select count(*) from resource where kind = ?"
    if scope is None:
        return int(connection.execute(sql, (kind,)).fetchone()[0])
    return int(connection.execute(f"{sql} and scope = ?", (kind, scope)).fetchone()[0])


def domains(connection: sqlite3.Connection) -> list[str]:
    """Every value of the tag sagemaker:domain-arn that is in use, found by jumps in its index."""
    sql = (
        "with recursive found (d) as (select min(domain) from resource where domain is not null "
        "union all select (select min(domain) from resource where domain > d) from found "
        "where d is not null) select d from found where d is not null"
    )
    return [row[0] for row in connection.execute(sql)]


def due(connection: sqlite3.Connection, mover: str, now: float, limit: int) -> list[Record]:
    """Records that the loop ``mover`` should look at now and that nobody holds a lease on."""
    sql = (
        f"select {_COLUMNS} from resource where mover = ? and due <= ? "  # noqa: S608 - our columns
        "and not exists (select 1 from lease where lease.name = resource.arn and until > ?) "
        "order by due limit ?"
    )
    return [Record.of(row) for row in connection.execute(sql, (mover, now, now, limit))]


def next_due(connection: sqlite3.Connection, mover: str) -> float | None:
    """When the loop ``mover`` has its next work, or None."""
    row = connection.execute("select min(due) from resource where mover = ?", (mover,)).fetchone()
    return None if row is None else row[0]


def insert(connection: sqlite3.Connection, record: Record) -> None:
    """Add a record and its tags. ``record.id`` is set."""
    record.domain = record.tags.get(DOMAIN_TAG)
    cursor = connection.execute(
        "insert into resource (arn, kind, scope, name, uid, status, created, modified, domain, "
        "mover, due, tags, summary, document) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            record.arn,
            record.kind,
            record.scope,
            record.name,
            record.uid,
            record.status,
            record.created,
            record.modified,
            record.domain,
            record.mover,
            record.due,
            encode(record.tags),
            record.summary,
            encode(record.document),
        ),
    )
    record.id = int(cursor.lastrowid or 0)
    if record.tags:
        connection.executemany(
            "insert into tag values (?,?,?,?)",
            [(key, value, record.created, record.id) for key, value in record.tags.items()],
        )


def update(connection: sqlite3.Connection, record: Record) -> None:
    """Write everything but tags and identity."""
    connection.execute(
        "update resource set status = ?, modified = ?, mover = ?, due = ?, summary = ?, "
        "document = ? where id = ?",
        (
            record.status,
            record.modified,
            record.mover,
            record.due,
            record.summary,
            encode(record.document),
            record.id,
        ),
    )


def update_tags(connection: sqlite3.Connection, record: Record) -> None:
    """Write ``record.tags`` to both places; rows of tags that stay are not touched."""
    record.domain = record.tags.get(DOMAIN_TAG)
    known = set(connection.execute("select k, v from tag where rid = ?", (record.id,)))
    wanted = record.tags.items()
    connection.executemany(
        "delete from tag where rid = ? and k = ? and v = ?",
        [(record.id, key, value) for key, value in known - wanted],
    )
    connection.executemany(
        "insert into tag values (?,?,?,?)",
        [(key, value, record.created, record.id) for key, value in wanted - known],
    )
    connection.execute(
        "update resource set tags = ?, domain = ? where id = ?",
        (encode(record.tags), record.domain, record.id),
    )


def delete(connection: sqlite3.Connection, record: Record) -> None:
    """Remove a record and its tags."""
    connection.execute("delete from tag where rid = ?", (record.id,))
    connection.execute("delete from resource where id = ?", (record.id,))


def scan(connection: sqlite3.Connection, after: int, limit: int) -> Iterator[Record]:
    """All records of every kind by id, from behind ``after``."""
    sql = f"select {_COLUMNS} from resource where id > ? order by id limit ?"  # noqa: S608
    for row in connection.execute(sql, (after, limit)):
        yield Record.of(row)


def scan_by_arn(connection: sqlite3.Connection, after: str, limit: int) -> Iterator[Record]:
    """All records of every kind by ARN, from behind ``after``."""
    sql = f"select {_COLUMNS} from resource where arn > ? order by arn limit ?"  # noqa: S608
    for row in connection.execute(sql, (after, limit)):
        yield Record.of(row)
