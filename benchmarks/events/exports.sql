-- The exports of a company with a web shop, as macros over days. Sessions are numbered from day 0 on, the same number
-- every day, and everything about one follows from its number and the seed: a file is the same whatever history it
-- belongs to, and is made without any other. Expects the variables seed, sessions_a_day and first_day.

-- A number from 0 to 1 that is the same for the same thing
create macro draw(what, number) as
    cast(hash(what, number, getvariable('seed')) % 1000003 as double) / 1000003;

create macro part_of(members, chance) as members[1 + cast(floor(chance * len(members)) as integer)];

-- Days begin at midnight in New York, as the shop's nightly export does, and are written in UTC
create macro begin_of(day) as
    timezone('UTC', timezone('America/New_York', cast(getvariable('first_day') + day as timestamp)));

-- Three of ten sessions are of new users; the others came before, half of them within the last eighth of the history.
-- depth: steps of the funnel walked, 4 is a purchase
create macro visits(from_day, to_day) as table
    select
        session,
        session // getvariable('sessions_a_day') as day,
        begin_of(cast(session // getvariable('sessions_a_day') as integer))
            + to_milliseconds(cast(86399000 * draw('start', session) as bigint)) as started_at,
        cast(floor(0.3 * session * case when draw('new', session) < 0.3 then 1 else 1 - pow(draw('back', session), 3) end) as bigint)
            as person,
        case
            when draw('depth', session) < 0.03 then 4
            when draw('depth', session) < 0.07 then 3
            when draw('depth', session) < 0.16 then 2
            when draw('depth', session) < 0.55 then 1
            else 0
        end as depth
    from range(from_day * getvariable('sessions_a_day'), to_day * getvariable('sessions_a_day')) as numbers(session);

create macro sessions(from_day, to_day) as table
    select
        format('s{:09d}', session) as session_key,
        'v' || person as client_id,
        case when person % 5 < 2 then 'u' || person end as login_id,
        started_at as session_start,
        part_of(
            ['organic_search', 'organic_search', 'paid_search', 'direct', 'direct', 'email', 'paid_social', 'organic_social', 'referral', 'display'],
            draw('channel', session)
        ) as channel_group,
        part_of(['mobile', 'mobile', 'mobile', 'desktop', 'desktop', 'tablet'], draw('device', person)) as device_category,
        part_of(['US', 'US', 'US', 'US', 'CA', 'GB', 'DE', 'FR', 'AU', 'JP', 'NL', 'SE'], draw('country', person)) as geo_country,
        '/landing/' || cast(floor(40 * draw('page', session)) as integer) as landing_path,
        cast(floor(600 * pow(draw('engaged', session), 3)) as integer) as engagement_seconds
    from visits(from_day, to_day);

-- Five a session on average: the steps walked, and pages seen in between
create macro events(from_day, to_day) as table
    select
        format('e{:09d}{:02d}', session, step) as event_key,
        format('s{:09d}', session) as session_key,
        'v' || person as client_id,
        case when person % 5 < 2 then 'u' || person end as login_id,
        case
            when step > 0 and step <= depth then ['product_view', 'add_to_cart', 'checkout', 'purchase'][step]
            else 'page_view'
        end as event,
        started_at + to_seconds(step * 25) as event_time,
        '/products/' || cast(floor(400 * draw('seen', session * 16 + step)) as integer) as page_path,
        case when step > 0 and step <= depth then 'p' || cast(floor(40 * draw('product', session)) as integer) end as item_id
    from (
        select *, unnest(range(greatest(depth + 1, 1 + cast(floor(8.3 * draw('events', session)) as integer)))) as step
        from visits(from_day, to_day)
    );

create macro lines(from_day, to_day) as table
    select
        *,
        'p' || cast(floor(40 * draw('item', session * 4 + line)) as integer) as sku,
        1 + cast(floor(3 * draw('quantity', session * 4 + line)) as integer) as quantity,
        cast(5 + 7 * floor(40 * draw('item', session * 4 + line)) / 3 as decimal(18, 2)) as price
    from (
        select *, unnest(range(1, 2 + cast(floor(3 * draw('lines', session)) as integer))) as line
        from visits(from_day, to_day)
        where depth = 4
    );

-- A day's file has the orders placed on it, and once more, in their final state, those of the day before
create macro orders(from_day, to_day) as table
    select
        'o' || session as order_no,
        'c' || any_value(person) as customer,
        format('s{:09d}', session) as session_ref,
        case
            when state = 0 then 'paid'
            when draw('cancelled', session) < 0.05 then 'cancelled'
            else 'completed'
        end as order_status,
        any_value(started_at) + interval 5 minute as created_at,
        sum(quantity * price) as total,
        'USD' as currency,
        part_of(['US', 'US', 'CA', 'GB', 'DE', 'FR', 'AU', 'JP'], draw('ship', any_value(person))) as ship_country,
        any_value(started_at) + interval 5 minute + to_days(state) as updated_at
    from lines(from_day - 1, to_day)
    cross join range(2) as states(state)
    where day + state >= from_day and day + state < to_day
    group by session, state;

create macro order_lines(from_day, to_day) as table
    select
        'l' || session || '-' || line as line_id, 'o' || session as order_no, sku, started_at + interval 5 minute as placed_at,
        quantity, price as unit_price, quantity * price as line_total, cast(price * 0.6 as decimal(18, 2)) * quantity as cost,
        'USD' as currency
    from lines(from_day, to_day);

-- One line of twelve goes back, one to twenty days later; no day is without any, for an export without rows is refused
create macro refunds(from_day, to_day) as table
    select
        'r' || session || '-' || line as refund_id, 'o' || session as order_no, 'l' || session || '-' || line as line_id,
        begin_of(cast(back_on as integer)) + interval 12 hour as refunded_at, quantity, quantity * price as refund_total, 'USD' as currency,
        draw('restocked', session) < 0.5 as restocked
    from (
        select *, row_number() over (partition by back_on order by session, line) as position
        from (
            select *, day + 1 + cast(floor(20 * draw('days to refund', session * 4 + line)) as integer) as back_on
            from lines(from_day - 20, to_day)
        )
        where back_on >= from_day and back_on < to_day
    )
    where position = 1 or draw('refund', session * 4 + line) < 0.083;
