-- One row per day, channel and campaign the ad platforms charged for. Every visit that came by an advertisement is a click,
-- some clicks never arrive; from November 20 to December 20 the holiday sale takes the place of the generic campaign.
create table spend as
with campaigns as (
    select * from (values
        (3, 'searchhound', 1, 'brand', 0.3, 0.45), (3, 'searchhound', 2, 'generic', 0.5, 1.15), (3, 'searchhound', 3, 'remarketing', 0.2, 0.80),
        (4, 'chirpbook', 1, 'brand', 0.4, 0.35), (4, 'chirpbook', 2, 'generic', 0.4, 0.70), (4, 'chirpbook', 3, 'remarketing', 0.2, 0.55)
    ) as listed (channel_no, platform, campaign_no, campaign, part, click_price)
), clicked as (
    select
        day_no * 64 + channel_no * 8 + campaign_no as key, day, month, channel_no, platform, label, click_price,
        if(is_campaign and campaign_no = 2, 4, campaign_no) as campaign_no, if(is_campaign and campaign_no = 2, 'holiday sale', campaign) as campaign,
        floor(sessions * part * 1.15 + share(76, day_no * 64 + channel_no * 8 + campaign_no))::bigint as clicks
    from channel_days inner join campaigns using (channel_no) inner join channels using (channel_no)
)
select
    row_number() over (order by day, key) as spend_no, day, month, platform, label, campaign, clicks,
    (channel_no * 1000 + campaign_no)::varchar as campaign_id, clicks * (20 + draw(77, key, 25)) as impressions,
    round(clicks * click_price * (0.85 + 0.3 * share(78, key)), 2)::decimal(18, 2) as cost
from clicked;
