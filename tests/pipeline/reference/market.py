"""Our share of markets whose size somebody estimated."""

from collections import defaultdict
from decimal import Decimal

from tests.pipeline.reference.cells import Cells, Key, divided
from tests.pipeline.reference.shop import GOODS, ORDERS, REFUNDS, net_revenue
from tests.pipeline.reference.world import World


def market_share(world: World) -> Cells:
    """Net revenue over the size of the same period and member, at the rate of the period's last covered day."""
    covered = world.coverage(("market.sizes", ORDERS, REFUNDS))
    sizes: dict[Key, Decimal] = defaultdict(Decimal)
    for row in world.rows("market.sizes"):
        period = world.period(row["period"])
        if covered is None or period is None or row["dimension"] not in ("all", *GOODS):
            continue
        if period.start <= covered[1] and period.end >= covered[0]:
            day = min(period.end, covered[1])
            cell = (period.grain, period.label, row["dimension"], row["member"])
            sizes[cell] += world.in_company_money(row["market_size"], row["currency"], day) or 0
    revenue = net_revenue(world)
    ours = {cell: revenue[cell][0] or Decimal(0) if cell in revenue else Decimal(0) for cell in sizes}
    return {cell: divided(ours[cell], size) for cell, size in sizes.items()}
