-- 1 to 2: an audit entry tells how its call was decided.
alter table audit add column decision blob;
