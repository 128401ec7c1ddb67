"""Says of every round when its processes were killed, as soon as the round has ended, whichever worker it was of."""

import pytest

# Name of the property a round notes each of its moments under
MOMENT = "moment"


class Moments:
    """Workers' own output is lost; what their reports carry is not."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            for name, said in report.user_properties:
                if name == MOMENT:
                    self._terminal.write_line(f"{report.outcome}: {said}")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Moments(terminal), "soak moments")
