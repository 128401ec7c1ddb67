-- What is collected while the months go by.
create type channel_name as enum ('direct', 'organic_search', 'paid_search', 'paid_social', 'email', 'referral', 'unknown');
create type device_name as enum ('desktop', 'mobile', 'tablet');
create type country_name as enum ('United States', 'Canada', 'United Kingdom', 'Germany', 'France', 'Australia');
create table visits (
    session_no bigint, day date, moment timestamp, user_key bigint, channel channel_name, device device_name, country country_name, seconds integer,
    reached tinyint
);
create table action_totals (channel varchar, is_after boolean, sessions bigint, buying bigint, chances decimal(28, 9));
-- One row per planted row of dirt, one per row of them that ends in quarantine, one per delivery of an export.
create table planted (export varchar, file varchar, kind varchar, outcome varchar, row_no bigint, row_key varchar);
create table spoiled (export varchar, row_no bigint);
create table deliveries (
    file varchar, export varchar, entity varchar, rows_read bigint, rows_clean bigint, rows_quarantined bigint, rows_duplicate bigint,
    rows_superseded bigint, rows_replaced bigint, rows_replaced_later bigint
);
-- One row per day and channel: the visits analytics saw, and what it adds up of them itself.
create table channel_totals (day date, channel varchar, visits bigint, visitors bigint, first_visits bigint, seconds bigint, bought bigint);
-- A cell as JSON writes it: numbers and truth values bare, everything else as a text.
create macro as_json(cell) as case when regexp_full_match(cell, '-?[0-9]+|true|false') then cell::json else to_json(cell) end;
