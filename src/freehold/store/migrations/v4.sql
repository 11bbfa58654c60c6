-- 3 to 4: the ledger by day besides by hour.
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
insert into line_day
    select day, facts, count(*), sum(quantity), sum(cost) from line_fact group by day, facts;
