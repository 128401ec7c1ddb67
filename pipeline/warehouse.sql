-- Everything in the warehouse that dbt does not build, but the clean tables (made from the contracts).
-- First sentence of a table's comment: what one row is.
create schema if not exists candidate;
create schema if not exists clean;
create schema if not exists quarantine;
create schema if not exists staging;
create schema if not exists intermediate;
create schema if not exists marts;
create schema if not exists kpis;
create schema if not exists analysis;
create schema if not exists report;
create schema if not exists ops;

create table if not exists ops.company (
    name varchar, time_zone varchar, currency varchar, fiscal_year_start integer, as_of date, settling_days integer
);
comment on table ops.company is 'One row: the company whose operations are summarised, as sources.yml tells it, and the last business day counted.';

create table if not exists ops.headline (rank integer, kpi_id varchar);
comment on table ops.headline is 'One row per headline KPI, in the order of sources.yml.';

create table if not exists ops.loads (
    load_id varchar, source varchar, export varchar, entity varchar, namespace varchar,
    file varchar, sha256 varchar, bytes bigint,
    status varchar, reason varchar,
    rows_read bigint, rows_clean bigint, rows_quarantined bigint, rows_duplicate bigint,
    rows_superseded bigint, rows_not_for_entity bigint, rows_replaced bigint, rows_removed bigint,
    control_sums varchar, first_day date, last_day date,
    recipe varchar, run_id varchar, loaded_at timestamp, rows_deleted bigint, notes varchar
);
-- For warehouses made before it had them
alter table ops.loads add column if not exists rows_deleted bigint default 0;
alter table ops.loads add column if not exists notes varchar;
comment on table ops.loads is 'One row per delivery (one file by content) and entity it feeds. status: loaded, refused, or withdrawn (refused, and its file is gone since); rows_read = clean + quarantined + duplicate + superseded + not_for_entity + deleted; rows_deleted say that their key is gone; rows_replaced and rows_removed are older rows it took the place of, or that it removed or, in a snapshot, that vanished; notes: lines left out as no data; control_sums: JSON, money by column and outcome; recipe: hash of contract, mapping and time zones, a changed one loads the delivery again; loaded_at in UTC.';

create table if not exists ops.check_results (
    load_id varchar, source varchar, export varchar, entity varchar, rule varchar, expectation varchar, column_name varchar,
    severity varchar, on_failure varchar, reason varchar, is_success boolean,
    rows_checked bigint, rows_unexpected bigint, examples varchar, checked_at timestamp
);
comment on table ops.check_results is 'One row per delivery, entity and rule of its contract, structure and casts included. severity: critical or warning; examples: JSON list of at most five values, personal columns masked.';

create table if not exists ops.corrections (
    load_id varchar, source varchar, export varchar, entity varchar, rule varchar, column_name varchar,
    cells bigint, examples varchar, reason varchar
);
comment on table ops.corrections is 'One row per delivery, entity, rule and column that cleaning changed. cells: number of changed cells; examples: JSON list of at most five before and after pairs, personal columns masked.';

create table if not exists ops.reconciliation (
    check_id varchar, kind varchar, left_label varchar, right_label varchar,
    left_value decimal(18, 4), right_value decimal(18, 4), difference decimal(18, 4), tolerance decimal(18, 4), is_within boolean, detail varchar,
    period varchar, first_day date, last_day date, reason varchar
);
-- For warehouses made before it had them
alter table ops.reconciliation add column if not exists period varchar;
alter table ops.reconciliation add column if not exists first_day date;
alter table ops.reconciliation add column if not exists last_day date;
alter table ops.reconciliation add column if not exists reason varchar;
comment on table ops.reconciliation is 'One row per comparison of two counts or sums that should agree. kind: delivery (rows and money of one delivery), cross_system (two systems, with a tolerance, over the days both cover) or cross_system_month (the same, one month); is_within: null where there was nothing to compare, which detail explains; of a cross_system row compared by month it says whether every month agrees.';

create table if not exists ops.schema_changes (
    load_id varchar, source varchar, export varchar, file varchar, kind varchar, column_name varchar, detail varchar,
    schema_mode varchar, is_accepted boolean, run_id varchar, noted_at timestamp
);
comment on table ops.schema_changes is 'One row per column in which a delivery differs from the one before it. kind: new, missing, renamed or retyped; schema_mode: evolve, freeze or discard, as the connector says; is_accepted: whether the delivery was landed all the same; noted_at in UTC.';

create table if not exists quarantine.rows (
    load_id varchar, source varchar, export varchar, entity varchar, file varchar, source_row bigint, row_id varchar,
    rule varchar, reason varchar, raw varchar
);
comment on table quarantine.rows is 'One row per delivered row that is kept out of a clean table. rule and reason say why; raw: JSON, the row as delivered, personal data included.';

-- Counts and reasons alone: the rows themselves, personal data included, stay in the private warehouse
create or replace view ops.quarantined as
select
    load_id, source, export, entity, file, rule, min({'row': source_row, 'reason': reason}).reason as reason, count(*) as rows,
    min(source_row) as first_source_row
from quarantine.rows
group by load_id, source, export, entity, file, rule;
comment on view ops.quarantined is 'One row per delivery, entity and rule with rows in quarantine: how many, why, and the first of them in its file.';

create table if not exists ops.deletions (
    deleted_at timestamp, kind varchar, source varchar, export varchar, entity varchar, load_id varchar, file varchar,
    rows bigint, reason varchar, run_id varchar
);
comment on table ops.deletions is 'One row per deletion of what was kept. kind: landing (landed rows of a delivery; what was loaded of them stands), quarantine (rows of a delivery and entity) or forgotten (rows of an entity from which a person was erased; the rows stay); it never says who; deleted_at in UTC.';

create table if not exists ops.model_checks (
    name varchar, severity varchar, is_passed boolean, failures bigint, message varchar, run_id varchar, checked_at timestamp
);
comment on table ops.model_checks is 'One row per data test of the newest dbt build that ran it. severity: error (a failure stops publication) or warn; failures: failing rows.';

create table if not exists ops.undated (entity varchar, source varchar, date_column varchar, rows bigint);
comment on table ops.undated is 'One row per entity and source with clean rows that lack the date their KPIs need; they count in grain all only.';

create table if not exists ops.changed_days (entity varchar, day date, load_id varchar, is_pending boolean);
comment on table ops.changed_days is 'One row per delivery, entity and business day whose rows it added, changed or removed, old and new version alike; pending until dbt has succeeded.';

create table if not exists ops.changed_keys (entity varchar, kind varchar, key varchar, load_id varchar, namespace varchar);
-- For warehouses made before it was so
alter table ops.changed_keys drop column if exists is_pending;
alter table ops.changed_keys add column if not exists namespace varchar;
comment on table ops.changed_keys is 'One row per delivery, entity and user or customer it touched; gone when dbt has succeeded. key: as the source has it, unique within its namespace.';

create table if not exists ops.built_coverage (entity varchar, covered_from date, covered_to date, made_from varchar);
comment on table ops.built_coverage is 'One row per entity: the days that the newest complete build took it to cover. made_from: hash of the models and the configuration of that build; empty after what tables cannot follow, so that the next build makes them anew.';

create table if not exists ops.source_status (
    source varchar, entity varchar, namespace varchar, covered_from date, covered_to date,
    status varchar, stale_since date, reason varchar, last_load_id varchar, last_loaded_at timestamp,
    rows_clean bigint, rows_quarantined bigint
);
comment on table ops.source_status is 'One row per source and entity it feeds, and one with source null per entity nobody feeds. status: current, stale (its newest delivery failed; the last good data stands) or no_source (nothing was ever loaded); covered_from and covered_to: first and last business day it covers, null for entities without a date.';

create table if not exists report.facts (
    fact_id varchar, section varchar, kpi_id varchar, grain varchar, period varchar, dimension varchar, member varchar, field varchar,
    value double, text_value varchar, unit varchar, numerator decimal(18, 4), denominator decimal(18, 4),
    definition_version integer, source_status varchar, query varchar, loads varchar, checks varchar, run_id varchar,
    summary_grain varchar, summary_period varchar
);
comment on table report.facts is 'One row per fact a summary may state, for each summary period computed. query runs against ops.duckdb; loads and checks: JSON.';
create table if not exists report.statements (
    summary_grain varchar, summary_period varchar, section varchar, rank integer, text_key varchar, fact_ids varchar
);
comment on table report.statements is 'One row per statement of a summary, in no language: a text key and the facts (JSON list, in order) it words.';
create table if not exists report.editions (
    summary_grain varchar, summary_period varchar, edition integer, identity varchar, made_at timestamp, changed_facts varchar
);
comment on table report.editions is 'One row per final edition of a summary. identity: hash of its facts; changed_facts: JSON list of facts restated since the edition before.';
