-- Functions a mapping may use beside DuckDB's own, in every connection of ours; docs/mapping.md tells of each.
-- Those that begin with an underscore are for the casts. Steps are chained so that each reads its text once.

-- Full-width signs, typesetters' minus signs and blanks of all kinds as ASCII writes them
create or replace macro _plain_signs(t) as trim(case when regexp_full_match(t, '^[ -~]*$') then t else translate(
    t,
    '０１２３４５６７８９，．％（）＋－−–‑：／’＇＄￥' || chr(9) || chr(160) || chr(8199) || chr(8201) || chr(8239) || chr(12288),
    '0123456789,.%()+----:/''''$¥      ') end);

-- ISO 4217, and what Chinese exports write for the yuan
create or replace macro _currencies() as string_split(
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF '
    || 'CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ '
    || 'GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP '
    || 'LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR '
    || 'PAB PEN PGK PHP PKR PLN PYG QAR RMB RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN '
    || 'SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER '
    || 'ZAR ZMW ZWG', ' ');

-- The text without a currency's sign or ISO 4217 code at either end; a sign of cents would be another unit, and stays
create or replace macro _without_currency(t) as case
    when not list_contains(_currencies(), coalesce(nullif(regexp_extract(t, '[A-Z]{3}'), ''), 'EUR')) then t
    else regexp_replace(regexp_replace(regexp_replace(
        t,
        '(^|[^A-Za-z~])((?:US|AU?|CA?|NZ|HK|S|NT|R|MX)?[$]|[£¤¥€₩₪₫₱₲₴₦₡₵₸₹₺₽₾฿៛₮￡￦元円원]|RM|Rs[.]?|[Kk]r[.]?|S?Fr[.]?|zł|Kč|Ft|[A-Z]{3})($|[^A-Za-z])',
        '\1~\3', 'g'),
        '^([-+(]?) *~ *', '\1'), ' *~ *([-)]?)$', '\1') end;

-- Parentheses and a trailing minus as a leading one, a dash for no cents (12.–) as nothing
create or replace macro _signed(t) as regexp_replace(regexp_replace(regexp_replace(
    t, '([0-9])[.,]-{1,2}$', '\1'), '^[(] *([^-+()]+?) *[)]$', '-\1'), '^([^-+]*[0-9.,%]) *-$', '-\1');

-- A percent sign as an exponent
create or replace macro _percent(t) as regexp_replace(t, '^([^eE%]*[0-9.,]) *%$', '\1e-2');

-- A number as DuckDB writes it, empty where the text is not of the pattern. signs: those between groups; d: decimal sign
create or replace macro _plain_number(t, pattern, signs, d) as replace(replace(regexp_replace(
    regexp_extract(t, pattern), signs, '', 'g'), d, '.'), ' ', '');

-- The number a text shows, null where it shows none: groups of three between commas, blanks or apostrophes; -1, 1- or (1);
-- currency signs and codes; 12.5% is 0.125. With a second argument the decimal sign is that, a comma say
create or replace macro number
    (t) as try_cast(case when regexp_full_match(cast(t as varchar), '^[-+]?[0-9]+([.][0-9]*)?$') then cast(t as varchar) else _plain_number(
        _percent(_signed(_without_currency(_plain_signs(cast(t as varchar))))),
        '^[-+]? *(?:(?:[0-9]+|[0-9]{1,3}(?:[, ''][0-9]{2,3})*[, ''][0-9]{3})(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][-+]?[0-9]{1,3})?$',
        '[, '']', '.') end as decimal(18, 4)),
    (t, decimal_sign) as try_cast(_plain_number(
        _percent(_signed(_without_currency(_plain_signs(cast(t as varchar))))),
        '^[-+]? *(?:(?:[0-9]+|[0-9]{1,3}(?:[., ''][0-9]{2,3})*[., ''][0-9]{3})(?:[' || decimal_sign || '][0-9]*)?|[' || decimal_sign || '][0-9]+)(?:e-2)?$',
        case when decimal_sign = ',' then '[. '']' else '[, '']' end, decimal_sign) as decimal(18, 4));

-- An amount in a currency's smallest unit as money. Yen has none smaller, a dinar has a thousand; unknown currency: null
create or replace macro minor_units(amount, currency) as cast(
    cast(cast(amount as varchar) as decimal(24, 6)) * case
        when upper(trim(currency)) in ('BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF')
            then cast(1 as decimal(4, 3))
        when upper(trim(currency)) in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 0.001
        when regexp_matches(trim(currency), '^[A-Za-z]{3}$') then 0.01
    end as decimal(18, 4));

-- Of an array of {key, value} (or name or id for key) the value of one key as text; the value may be wrapped by its type
create or replace macro parameter(list, key) as list_transform(
    list_filter(cast(json_extract(cast(list as varchar), '$[*]') as json[]), lambda one: coalesce(one->>'key', one->>'name', one->>'id') = key)[1:1],
    lambda one: case when json_type(one, '$.value') = 'OBJECT' then coalesce(
        one->>'$.value.string_value', one->>'$.value.int_value', one->>'$.value.double_value', one->>'$.value.float_value')
        else one->>'value' end)[1];

-- An object as an array of {key, value}, for each
create or replace macro entries(object) as cast(to_json(map_entries(cast(cast(object as json) as map(varchar, json)))) as varchar);

-- Seconds, milliseconds or microseconds since 1970 as an ISO 8601 time in UTC, which no reader can take for a local one.
-- They stand before DuckDB's own of these names, which turn a time into a number: system.main.epoch_ms(…)
create or replace macro _iso_utc(microseconds) as strftime(make_timestamp(cast(microseconds as bigint)), '%Y-%m-%dT%H:%M:%S.%fZ');
create or replace macro epoch_s(t) as _iso_utc(cast(cast(t as varchar) as decimal(28, 9)) * 1000000);
create or replace macro epoch_ms(t) as _iso_utc(cast(cast(t as varchar) as decimal(28, 6)) * 1000);
create or replace macro epoch_us(t) as _iso_utc(cast(cast(t as varchar) as decimal(28, 3)));

-- Path and one parameter of an address, decoded; null where it has none
create or replace macro url_path(url) as url_decode(nullif(regexp_extract(url, '^(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)', 1), ''));
create or replace macro url_parameter(url, name) as url_decode(nullif(
    regexp_extract(url, '^[^?#]*[?](?:[^#]*&)?' || regexp_escape(name) || '=([^&#]*)', 1), ''));

-- A name as members of dimensions are written: lower case with underscores
create or replace macro slug(t) as nullif(trim(regexp_replace(lower(t), '[^\p{L}\p{N}]+', '_', 'g'), '_'), '');

-- The time of day within a text as 13:05:30.123, wherever it stands: of twelve hours, in Chinese, with a decimal comma
create or replace macro _clock(t) as list_transform(
    [regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        t, ' *上午 *(.*)$', ' \1 AM'), ' *下午 *(.*)$', ' \1 PM'),
        '([0-9]{1,2})[时時点點]([0-9]{1,2})分([0-9]{1,2})秒', '\1:\2:\3'), '([0-9]{1,2})[时時点點]([0-9]{1,2})分', '\1:\2'),
        '(:[0-9]{2}),([0-9]{1,9})', '\1.\2')],
    lambda one: case when regexp_matches(one, '[0-9] ?[AaPp][.]?[Mm][.]?( |$)')
        then regexp_extract(one, '^(.*?[^0-9:])(0?[1-9]|1[0-2]):', 1)
            || (try_cast(regexp_extract(one, '^.*?[^0-9:](0?[1-9]|1[0-2]):', 1) as integer) % 12
                + case when regexp_matches(one, '[0-9] ?[Pp][.]?[Mm]') then 12 else 0 end)
            || regexp_replace(one, '^.*?[^0-9:](?:0?[1-9]|1[0-2])(:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?) ?[AaPp][.]?[Mm][.]?( .*)?$', '\1\2')
        else one end)[1];

create or replace macro _month(name) as list_position(
    ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'], lower(left(name, 3)));

create or replace macro _month_words() as
    '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';

-- A text with its date first, as 2024-1-31, where the month is a word: 31 Jan 2024, 31-Jan-2024, January 31st, 2024, Wed Jan 31 10:00:00 +0000 2024
create or replace macro _date_of_words(t) as list_transform(
    [regexp_replace(t, '(?i)^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?[., ]+', '')],
    lambda one: case
    when regexp_matches(one, '(?i)^[0-9]{1,2}(?:st|nd|rd|th|[.])?(?:[-/ ]|of)*' || _month_words() || '[-/., ]+[0-9]{4}($|[^0-9])')
        then regexp_replace(one, '(?i)^([0-9]{1,2})[^0-9]+([0-9]{4})', '\2-' || _month(regexp_extract(one, '(?i)' || _month_words())) || '-\1')
    when regexp_matches(one, '(?i)^' || _month_words() || '[-. ]+[0-9]{1,2}(?:st|nd|rd|th)?[-, ]+[0-9]{4}($|[^0-9:])')
        then regexp_replace(one, '(?i)^[^0-9]+([0-9]{1,2})[^0-9]+([0-9]{4})', '\2-' || _month(one) || '-\1')
    when regexp_matches(one, '(?i)^' || _month_words() || ' +[0-9]{1,2} [0-9]{1,2}:[0-9]{2}:[0-9]{2}( [+-][0-9]{4}| UTC| GMT)? [0-9]{4}$')
        then regexp_replace(one, '(?i)^[^0-9]+([0-9]{1,2}) ([0-9:]+)(.*?) ([0-9]{4})$', '\4-' || _month(one) || '-\1 \2\3')
    end)[1];

-- A text with its date first, as 2024-1-31; null where its form is none of those that can mean one day only
create or replace macro _date_first(t) as list_transform([t], lambda one: case
    when regexp_matches(one, '^[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}($|[T ])')
        then regexp_replace(one, '^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})', '\1-\2-\3')
    when regexp_matches(one, '^[0-9]{8}($|[T ][0-9]{1,2}:)') then regexp_replace(one, '^([0-9]{4})([0-9]{2})([0-9]{2})', '\1-\2-\3')
    when regexp_matches(one, '^[0-9]{8}T?[0-9]{6}([.Z+-]|$)')
        then regexp_replace(one, '^([0-9]{4})([0-9]{2})([0-9]{2})T?([0-9]{2})([0-9]{2})([0-9]{2})', '\1-\2-\3 \4:\5:\6')
    when regexp_matches(one, '^[0-9]{1,2}[.] ?[0-9]{1,2}[.] ?[0-9]{4}($|[, ])')
        then regexp_replace(one, '^([0-9]{1,2})[.] ?([0-9]{1,2})[.] ?([0-9]{4})', '\3-\2-\1')
    when regexp_matches(one, '^[0-9]{4} ?年 ?[0-9]{1,2} ?月 ?[0-9]{1,2} ?日')
        then regexp_replace(one, '^([0-9]{4}) ?年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?日 *(?:[(（]?(?:星期|周)[一二三四五六日天][)）]?)? *', '\1-\2-\3 ')
    when regexp_matches(one, '(?i)(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)') then _date_of_words(one)
    end)[1];

-- ISO 8601, else empty; the day need not exist: 2023-02-30 is of the form
create or replace macro _iso_form(t) as regexp_extract(
    t,
    '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?(?:[zZ]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?)?$');

-- Any date or time that can mean one only, as ISO 8601: all that read.dates and read.timestamps need not tell; empty if none
create or replace macro _iso_time(t) as case
    when _iso_form(t) <> '' then t
    when regexp_matches(t, '^[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}( [0-9:]+)?$')
        then _iso_form(regexp_replace(t, '^([0-9]{1,2})[.]([0-9]{1,2})[.]([0-9]{4})', '\3-\2-\1'))
    when regexp_matches(t, '^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}( [0-9:]+)?$')
        then _iso_form(regexp_replace(t, '^([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})', '\1-\2-\3'))
    when regexp_matches(t, '[0-9０-９]{4}') then _iso_form(
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(trim(_date_first(_clock(_plain_signs(t)))),
            '^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})(?:T|[ ,:]+(?:at +)?)([0-9]{1,2}:)', '\1 \2'),
            ' ?(?:UTC|GMT|[zZ])$', '+00'),
            '(:[0-9]{2}(?:[.][0-9]+)?) ?(?:UTC|GMT)?([+-][0-9]{2}):?([0-9]{2})$', '\1\2:\3'),
            '( [0-9]{1,2}:[0-9]{2})([+-][0-9:]+)$', '\1:00\2'))
    end;
