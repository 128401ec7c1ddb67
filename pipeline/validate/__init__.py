"""Validation of one batch: the contract's rules as Great Expectations suites, run as SQL inside DuckDB.

Here belong the rules' grammar (lint), running a suite on a candidate table and Data Docs of the results.
What happens to bad rows (quarantine, refusal) is the clean stage's affair; checks in the UI are pipeline/operate's.
"""

from pipeline.validate.docs import write_data_docs
from pipeline.validate.lint import lint_contract
from pipeline.validate.results import RuleResult, SuiteResult
from pipeline.validate.suite import validate_batch

__all__ = ["RuleResult", "SuiteResult", "lint_contract", "validate_batch", "write_data_docs"]
