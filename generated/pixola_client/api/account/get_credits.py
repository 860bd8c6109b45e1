"""Get the credit balance"""

from ...client import AuthenticatedClient
from ...models.credit_balance import CreditBalance
from ...operation import Operation
from ...types import Response


def operation() -> Operation[CreditBalance]:
    """The credits left on the account and its subscription plan."""
    return Operation(
        name="get_credits",
        tag="account",
        method="GET",
        path="/credits",
        read=CreditBalance.from_dict,
    )


def sync_detailed(*, client: AuthenticatedClient) -> Response[CreditBalance]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation())


def sync(*, client: AuthenticatedClient) -> CreditBalance | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation()).parsed


async def asyncio_detailed(*, client: AuthenticatedClient) -> Response[CreditBalance]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation())


async def asyncio(*, client: AuthenticatedClient) -> CreditBalance | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation())).parsed
