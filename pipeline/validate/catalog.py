"""The expectations a contract may use: their arguments, and whether they judge rows or the whole batch.

Here belongs what Great Expectations offers, as a table that needs no import of it (a test compares the two), and
why the rest of its expectations is refused.
"""

from dataclasses import dataclass

QUERY_RULE = "unexpected_rows_expectation"


@dataclass(frozen=True)
class Signature:
    """One expectation. Row rules can name their bad rows; the others judge the batch as a whole."""

    is_row_rule: bool
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.required + self.optional


_RANGE = ("min_value", "max_value", "strict_min", "strict_max")
_PAIR = ("column_A", "column_B")


def _rows(*required: str, optional: tuple[str, ...] = ()) -> Signature:
    return Signature(True, required, ("mostly", *optional))


def _batch(*required: str, optional: tuple[str, ...] = ()) -> Signature:
    return Signature(False, required, optional)


EXPECTATIONS: dict[str, Signature] = {
    "expect_column_pair_values_a_to_be_greater_than_b": _rows(*_PAIR, optional=("or_equal",)),
    "expect_column_pair_values_to_be_equal": _rows(*_PAIR),
    "expect_column_pair_values_to_be_in_set": _rows(*_PAIR, "value_pairs_set"),
    "expect_column_value_lengths_to_be_between": _rows("column", optional=_RANGE),
    "expect_column_value_lengths_to_equal": _rows("column", "value"),
    "expect_column_value_z_scores_to_be_less_than": _rows("column", "threshold", "double_sided"),
    "expect_column_values_to_be_between": _rows("column", optional=_RANGE),
    "expect_column_values_to_be_in_set": _rows("column", "value_set"),
    "expect_column_values_to_be_null": _rows("column"),
    "expect_column_values_to_match_like_pattern": _rows("column", "like_pattern", optional=("escape",)),
    "expect_column_values_to_match_like_pattern_list": _rows(
        "column", "like_pattern_list", optional=("match_on", "escape")
    ),
    "expect_column_values_to_match_regex": _rows("column", "regex"),
    "expect_column_values_to_match_regex_list": _rows("column", "regex_list", optional=("match_on",)),
    "expect_column_values_to_not_be_in_set": _rows("column", "value_set"),
    "expect_column_values_to_not_be_null": _rows("column"),
    "expect_column_values_to_not_match_like_pattern": _rows("column", "like_pattern", optional=("escape",)),
    "expect_column_values_to_not_match_like_pattern_list": _rows("column", "like_pattern_list", optional=("escape",)),
    "expect_column_values_to_not_match_regex": _rows("column", "regex"),
    "expect_column_values_to_not_match_regex_list": _rows("column", "regex_list"),
    "expect_multicolumn_sum_to_equal": _rows("column_list", "sum_total"),
    "expect_multicolumn_values_to_be_equal": _rows("column_list"),
    "expect_select_column_values_to_be_unique_within_record": _rows("column_list"),
    QUERY_RULE: Signature(True, ("unexpected_rows_query",)),
    "expect_column_distinct_values_to_be_in_set": _batch("column", "value_set"),
    "expect_column_distinct_values_to_contain_set": _batch("column", "value_set"),
    "expect_column_distinct_values_to_equal_set": _batch("column", "value_set"),
    "expect_column_max_to_be_between": _batch("column", optional=_RANGE),
    "expect_column_mean_to_be_between": _batch("column", optional=_RANGE),
    "expect_column_median_to_be_between": _batch("column", optional=_RANGE),
    "expect_column_min_to_be_between": _batch("column", optional=_RANGE),
    "expect_column_most_common_value_to_be_in_set": _batch("column", "value_set", optional=("ties_okay",)),
    "expect_column_proportion_of_non_null_values_to_be_between": _batch("column", optional=_RANGE),
    "expect_column_proportion_of_unique_values_to_be_between": _batch("column", optional=_RANGE),
    "expect_column_quantile_values_to_be_between": _batch(
        "column", "quantile_ranges", optional=("allow_relative_error",)
    ),
    "expect_column_stdev_to_be_between": _batch("column", optional=_RANGE),
    "expect_column_sum_to_be_between": _batch("column", optional=_RANGE),
    "expect_column_unique_value_count_to_be_between": _batch("column", optional=_RANGE),
    "expect_table_row_count_to_be_between": _batch(optional=_RANGE),
    "expect_table_row_count_to_equal": _batch("value"),
}

_DUPLICATES = "duplicates are settled by the contract's key and version before the suite runs"
_STRUCTURE = "columns and types are what the contract's columns say, checked before the suite runs"
_NOT_IN_SQL = "it does not run as SQL on DuckDB; write an unexpected_rows_expectation"
_OUTSIDE = "it looks beyond the batch"

REFUSED: dict[str, str] = {
    "expect_column_kl_divergence_to_be_less_than": _NOT_IN_SQL,
    "expect_column_to_exist": _STRUCTURE,
    "expect_column_type_to_be": _STRUCTURE,
    "expect_column_values_to_be_dateutil_parseable": _NOT_IN_SQL,
    "expect_column_values_to_be_decreasing": _NOT_IN_SQL,
    "expect_column_values_to_be_in_type_list": _STRUCTURE,
    "expect_column_values_to_be_increasing": _NOT_IN_SQL,
    "expect_column_values_to_be_json_parseable": _NOT_IN_SQL,
    "expect_column_values_to_be_of_type": _STRUCTURE,
    "expect_column_values_to_be_unique": _DUPLICATES,
    "expect_column_values_to_match_json_schema": _NOT_IN_SQL,
    "expect_column_values_to_match_strftime_format": _NOT_IN_SQL,
    "expect_column_values_to_not_be_outliers": _NOT_IN_SQL,
    "expect_compound_columns_to_be_unique": _DUPLICATES,
    "expect_query_results_to_match_comparison": _OUTSIDE,
    "expect_table_column_count_to_be_between": _STRUCTURE,
    "expect_table_column_count_to_equal": _STRUCTURE,
    "expect_table_columns_to_match_ordered_list": _STRUCTURE,
    "expect_table_columns_to_match_set": _STRUCTURE,
    "expect_table_row_count_to_equal_other_table": _OUTSIDE,
}

_CONDITION = (
    "the query for the bad rows drops it, so good rows would be taken for bad; write an unexpected_rows_expectation"
)
REFUSED_ARGUMENTS: dict[str, str] = {
    "row_condition": _CONDITION,
    "condition_parser": _CONDITION,
    "ignore_row_if": _CONDITION,
}
