import pytest
from structlog.testing import capture_logs

from biobank.services.sweep import SweepFailed, sweep_each


def test_a_sweep_counts_what_there_was_to_do():
    assert sweep_each("test", [1, 2, 3], lambda each: each != 2) == 2


def test_what_fails_keeps_nothing_else_from_being_done_and_is_told():
    seen = []

    def do(each):
        seen.append(each)
        if each % 2:
            raise ValueError(f"broken {each}")
        return True

    with capture_logs() as logs, pytest.raises(SweepFailed, match="test: 2 failed, 2 done") as failed:
        sweep_each("test", [1, 2, 3, 4], do)

    assert seen == [1, 2, 3, 4]
    assert failed.value.done == 2
    assert [str(each) for each in failed.value.exceptions] == ["broken 1", "broken 3"]
    assert [each.__notes__ for each in failed.value.exceptions] == [["test of 1"], ["test of 3"]]
    assert [each["item"] for each in logs if each["event"] == "sweep.item_failed"] == [1, 3]
    assert logs[-1] == {"event": "sweep.ended", "sweep": "test", "done": 2, "failed": 2, "log_level": "info"}


def test_who_ends_the_worker_ends_the_sweep():
    def do(_each):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep_each("test", [1, 2], do)
