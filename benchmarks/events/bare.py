"""A company's KPIs by bare DuckDB, into a Parquet file: `python -m benchmarks.events.bare exports first as_of into`."""

import sys
from datetime import date
from pathlib import Path

import duckdb

SCRIPT = Path(__file__).with_name("bare.sql")
COMPARED = """
    select coalesce(bare.kpi_id, run.kpi_id) as kpi_id, count(*) as cells, count(*) filter (
        where bare.kpi_id is null or run.kpi_id is null or bare.numerator is distinct from run.numerator
            or bare.denominator is distinct from run.denominator or (bare.value is null) <> (run.value is null)
            or abs(bare.value - run.value) > 1e-12 * abs(run.value)
    ) as different
    from read_parquet(?) as bare
    full join run.kpis.kpi_values as run using (kpi_id, grain, period_start, dimension, member)
    group by 1 order by 1
"""


def main() -> int:
    exports, first_day, as_of, into = sys.argv[1:]
    connection = duckdb.connect()
    said = {"exports": exports, "first_day": date.fromisoformat(first_day), "as_of": date.fromisoformat(as_of)}
    for name, value in said.items():
        connection.execute(f"set variable {name} = ?", [value])
    connection.execute(SCRIPT.read_text(encoding="utf-8"))
    connection.execute(f"copy kpi_values to '{into}' (format parquet)")
    connection.close()
    return 0


def compared(bare: Path, published: Path) -> tuple[int, dict[str, int]]:
    """Cells on either side, and by KPI how many differ: sums in any digit, quotients beyond the twelfth."""
    connection = duckdb.connect()
    connection.execute(f"attach '{published}' as run (read_only)")
    rows = connection.execute(COMPARED, [str(bare)]).fetchall()
    connection.close()
    return sum(cells for _, cells, _ in rows), {kpi: different for kpi, _, different in rows if different}


if __name__ == "__main__":
    sys.exit(main())
