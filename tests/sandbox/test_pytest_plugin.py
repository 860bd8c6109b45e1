"""The pytest plugin, in suites of users: processes of their own, in empty folders."""

from typing import Final

import pytest

pytest_plugins = ("pytester",)

_OTHERS: Final = ("schemathesis", "pytest_httpx", "respx", "time_machine", "cacheprovider")  # not tested here
QUIET: Final = ("-W", "error", *(word for plugin in _OTHERS for word in ("-p", f"no:{plugin}")))
ASYNC_TEST: Final = '''
    """A coroutine."""
    batch = await async_pixola.generate("A fox in the snow", model="flux-2")
    assert batch.status == "complete"
    assert (await async_pixola.credits()).balance == 988
    assert len(pixola_sandbox.journal.entries) >= 3
'''


@pytest.mark.parametrize(
    ("settings", "head"),
    [
        ("-p no:anyio -o asyncio_mode=auto", "async "),
        ("-p no:anyio -o asyncio_mode=strict", "@pytest.mark.asyncio\nasync "),
        ("-p no:asyncio", '@pytest.mark.anyio\n@pytest.mark.parametrize("anyio_backend", ["asyncio"])\nasync '),
    ],
    ids=["pytest-asyncio, auto", "pytest-asyncio, strict", "anyio"],
)
def test_coroutines_are_tested_under_every_plugin(pytester: pytest.Pytester, settings: str, head: str) -> None:
    """The asynchronous client belongs to no event loop until it is used."""
    scope = () if "no:asyncio" in settings else ("-o", "asyncio_default_fixture_loop_scope=function")
    parameters = "async_pixola, pixola_sandbox" + (", anyio_backend" if "anyio_backend" in head else "")
    pytester.makepyfile(f"import pytest\n\n{head}def test_it({parameters}):{ASYNC_TEST}")
    pytester.runpytest_subprocess(*QUIET, *settings.split(), *scope).assert_outcomes(passed=1)


def test_both_clients_share_the_sandbox_of_a_test(pytester: pytest.Pytester) -> None:
    """And the next test has a new one; options come from the nearest marker."""
    pytester.makepyfile(
        """
        import asyncio
        import pytest

        pytestmark = pytest.mark.pixola_sandbox(credits=100)

        def test_one(pixola, async_pixola):
            pixola.submit("a cat", model="flux-2")
            assert asyncio.run(async_pixola.credits()).balance == 88

        def test_another(pixola):
            assert pixola.credits().balance == 100

        @pytest.mark.pixola_sandbox(credits=5, rate_limits=True)
        def test_nearest(pixola, pixola_sandbox):
            assert pixola.credits().balance == 5
            assert pixola_sandbox.options.rate_limits
        """
    )
    pytester.runpytest_subprocess(*QUIET, "-p", "no:asyncio").assert_outcomes(passed=3)


def test_a_misspelt_option_is_an_error_of_that_test(pytester: pytest.Pytester) -> None:
    """It is not ignored."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.pixola_sandbox(credit=5)
        def test_it(pixola):
            pass
        """
    )
    ran = pytester.runpytest_subprocess(*QUIET, "-p", "no:asyncio")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*unexpected keyword argument 'credit'*"])


def test_whoever_does_not_use_it_does_not_pay_for_it(pytester: pytest.Pytester) -> None:
    """Neither httpx nor any of our modules but the plugin is imported until a fixture is asked for."""
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            assert {name for name in sys.modules if name.startswith("pixola_")} == {
                "pixola_ext", "pixola_ext.pytest_plugin"
            }
            assert not {"httpx", "starlette", "uvicorn", "PIL", "attr"} & sys.modules.keys()
        """
    )
    pytester.runpytest_subprocess(
        *QUIET, "-p", "no:asyncio", "-p", "no:anyio", "-p", "no:hypothesispytest"
    ).assert_outcomes(passed=1)
