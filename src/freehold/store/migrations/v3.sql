-- 2 to 3: what lives in one domain is listed without a look at what lives in others.
create index resource_scope on resource (kind, scope, created, id) where scope <> '';
