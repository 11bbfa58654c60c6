-- One install's memory. Version 4. A change of it needs a step in migrations/ besides.

-- Facts about the install itself: schema_version, account_id, region, and sealed-key material.
create table meta (
    key   text primary key,
    value blob not null
) without rowid;

-- Every resource of every service: the request in AWS's spelling plus a few members.
create table resource (
    id       integer primary key,
    arn      text not null unique,
    kind     text not null,            -- 'sagemaker:training-job'
    scope    text not null,            -- what it lives in: a domain id, a user name; '' at the top
    name     text not null,
    uid      text not null,            -- never reused, unlike the name
    status   text,
    created  real not null,            -- epoch seconds, UTC
    modified real not null,
    domain   text,                     -- value of the tag sagemaker:domain-arn
    mover    text,                     -- the loop that has work here, null when at rest
    due      real,                     -- not before this instant
    tags     blob not null,            -- {"key": "value"}: the same facts as the tag table
    summary  blob,                     -- the list item, ready to send
    document blob not null
);
create index resource_name on resource (kind, scope, name);
create index resource_created on resource (kind, created, id);
create index resource_modified on resource (kind, modified, id);
-- What lives in one domain is listed without a look at what lives in others.
create index resource_scope on resource (kind, scope, created, id) where scope <> '';
create index resource_domain on resource (domain, created) where domain is not null;
create index resource_mover on resource (mover, due) where mover is not null;

create table tag (
    k       text not null,
    v       text not null,
    created real not null,
    rid     integer not null,
    primary key (k, v, created, rid)
) without rowid;
create index tag_resource on tag (rid, k, v);

-- What happened to resources, in order. Written in the transaction of the write itself.
create table change (
    seq    integer primary key autoincrement,
    at     real not null,
    arn    text not null,
    kind   text not null,
    verb   text not null,              -- create, update, delete, tag
    status text,                       -- after; null when gone
    facts  blob,                       -- what metering needs: {"instance_type": ..., "count": ...}
    tags   blob not null
);

create table cursor (
    reader text primary key,
    seq    integer not null
) without rowid;

create table lease (
    name   text primary key,           -- an ARN, or 'loop/<name>'
    holder text not null,
    until  real not null
) without rowid;

create table audit (
    seq        integer primary key autoincrement,
    at         real not null,
    request_id text not null,
    service    text not null,
    operation  text not null,
    principal  text not null,
    access_key text not null,
    origin     text,
    source_ip  text,
    user_agent text,
    resource   text,
    error_code text,
    error      text,
    request    blob,
    decision   blob                    -- how policy decided: see kernel/audit.py; null where not asked
);

-- Access keys and browser tickets: looked up on each call, so apart from resource.
create table access_key (
    id      text primary key,
    owner   text not null,             -- ARN of the user, or of the account root
    secret  text not null,
    status  text not null,
    created real not null,
    used    real
) without rowid;
create index access_key_owner on access_key (owner);

create table spent_ticket (
    id      text primary key,
    expires real not null
) without rowid;

-- What ran: one row a run of a resource under one set of tags; stop is null while it runs.
create table usage_interval (
    id        text primary key,
    arn       text not null,
    stop      real,
    heartbeat real,
    document  blob not null
) without rowid;
create index usage_interval_open on usage_interval (arn) where stop is null;
create index usage_interval_stop on usage_interval (stop);

-- What it cost: one row a resource, price dimension and hour. Money is decimal text.
create table line_item (
    id       text primary key,
    hour     integer not null,         -- epoch seconds of the hour's start
    arn      text not null,
    domain   text,
    document blob not null
) without rowid;
create index line_item_hour on line_item (hour);
create index line_item_arn on line_item (arn, hour);

-- Line items of one resource and UTC day that differ in their hour alone, added up: what questions
-- by day and month read. Triggers keep it, in the transaction that writes the line.
create table line_day (
    day      integer not null,         -- epoch seconds of the day's start
    facts    text not null,            -- JSON list: what is told of a line by line_fact
    lines    integer not null,         -- how many; at none the row goes
    quantity integer not null,         -- of the ledger's last digit, 1E-10
    cost     integer not null,
    primary key (day, facts)
) without rowid;

-- Decimals of ten places are text: '0.0500000000', and below a millionth '1.2E-9', whose digits
-- are the same count of last digits once the point is gone and the cast stops at the E.
create view line_fact as
select id, hour / 86400 * 86400 as day,
    json_array(
        json_extract(document, '$.service'), json_extract(document, '$.usage_type'),
        json_extract(document, '$.operation'), json_extract(document, '$.instance_type'),
        json_extract(document, '$.region'), json_extract(document, '$.record_type'),
        json_extract(document, '$.account_id'), json_extract(document, '$.tags'),
        json_extract(document, '$.unit'), arn, json_extract(document, '$.az')
    ) as facts,
    cast(replace(json_extract(document, '$.quantity'), '.', '') as integer) as quantity,
    cast(replace(json_extract(document, '$.cost'), '.', '') as integer) as cost
from (select id, hour, arn, cast(document as text) as document from line_item);

create trigger line_added after insert on line_item begin
    insert into line_day
        select day, facts, 1, quantity, cost from line_fact where id = new.id
        on conflict (day, facts) do update set lines = lines + excluded.lines,
            quantity = quantity + excluded.quantity, cost = cost + excluded.cost;
end;
create trigger line_changes before update on line_item begin
    insert into line_day
        select day, facts, -1, -quantity, -cost from line_fact where id = old.id
        on conflict (day, facts) do update set lines = lines + excluded.lines,
            quantity = quantity + excluded.quantity, cost = cost + excluded.cost;
    delete from line_day where lines = 0 and (day, facts) =
        (select day, facts from line_fact where id = old.id);
end;
create trigger line_changed after update on line_item begin
    insert into line_day
        select day, facts, 1, quantity, cost from line_fact where id = new.id
        on conflict (day, facts) do update set lines = lines + excluded.lines,
            quantity = quantity + excluded.quantity, cost = cost + excluded.cost;
end;
create trigger line_removed before delete on line_item begin
    insert into line_day
        select day, facts, -1, -quantity, -cost from line_fact where id = old.id
        on conflict (day, facts) do update set lines = lines + excluded.lines,
            quantity = quantity + excluded.quantity, cost = cost + excluded.cost;
    delete from line_day where lines = 0 and (day, facts) =
        (select day, facts from line_fact where id = old.id);
end;

create table log_event (
    seq      integer primary key autoincrement,
    grp      text not null,
    stream   text not null,
    at       integer not null,         -- epoch milliseconds
    ingested integer not null,
    message  text not null
);
create index log_event_stream on log_event (grp, stream, at, seq);

-- The index of S3 objects; the bytes lie in the object store under parts' blob ids.
create table object (
    bucket   text not null,
    key      text not null,
    modified real not null,
    size     integer not null,
    etag     text not null,
    checksum text,                     -- what lists say of it: 'CRC32:FULL_OBJECT'
    document blob not null,            -- parts, checksums, metadata, tags, owner
    primary key (bucket, key)
) without rowid;

create table upload (
    id       text primary key,
    bucket   text not null,
    key      text not null,
    created  real not null,
    document blob not null
) without rowid;
create index upload_bucket on upload (bucket, key, id);

create table upload_part (
    upload   text not null,
    number   integer not null,
    modified real not null,
    document blob not null,
    primary key (upload, number)
) without rowid;

-- Bytes that rows name. A copy shares them: the last row's end sets the time of death, and a
-- loop removes the bytes, then the row.
create table blob (
    id   text primary key,
    uses integer not null,
    died real
) without rowid;
create index blob_died on blob (died) where died is not null;
