from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from sync.journal.open import open_journal
from sync.process.signals import held, stop_on_signals, stopped


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)}
    hook = sys.unraisablehook
    stop_on_signals()
    yield
    stopped()
    sys.unraisablehook = hook
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_interrupts_at_once(number: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)


def test_an_interruption_that_python_drops_comes_again(capsys: pytest.CaptureFixture[str]) -> None:
    class Freed:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0)

    def work() -> None:
        freed = Freed()
        del freed
        time.sleep(60)
        raise AssertionError("it never came again")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert capsys.readouterr().err == ""


def test_what_is_held_is_finished_first() -> None:
    done: list[int] = []

    def work() -> None:
        with held():
            with held():
                os.kill(os.getpid(), signal.SIGTERM)
                done.append(1)
            done.append(2)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == [1, 2]
    with held():
        done.append(3)


def test_a_transaction_of_the_journal_is_whole() -> None:
    journal = open_journal("sqlite://")

    def work() -> None:
        with journal.transaction() as connection:
            connection.exec_driver_sql("CREATE TABLE kept (number INTEGER)")
            os.kill(os.getpid(), signal.SIGTERM)
            connection.exec_driver_sql("INSERT INTO kept VALUES (1)")

    with pytest.raises(KeyboardInterrupt):
        work()
    with journal.transaction() as connection:
        assert connection.exec_driver_sql("SELECT number FROM kept").scalar() == 1
    journal.close()
