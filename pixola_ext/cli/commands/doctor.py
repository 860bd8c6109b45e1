"""`pixola doctor`."""

from .. import exits
from ..options import command as declare
from ..session import session


@declare(
    "doctor",
    examples="""
    pixola --sandbox doctor
    pixola --sandbox --json doctor
    """,
)
def command() -> int:
    """Check settings and where each comes from, versions, the service, its clock, the key, the state folder, the spec.

    No secret is printed, so that the report can be shown to others. Exits with 1 if a check failed.
    """
    from ..checkup import checks
    from ..tables import Column

    here = session()
    with here.activity("checking") as activity:
        found = checks(here, activity)
    is_healthy = all(each["status"] != "failed" for each in found)
    if here.json or here.jsonl:
        here.document({"is_healthy": is_healthy, "checks": found})
    else:
        here.listing(
            found,
            [Column("CHECK", "name"), Column("STATUS", "status"), Column("DETAIL", "detail")],
            ids=[each["name"] for each in found if each["status"] == "failed"],
        )
    return exits.DONE if is_healthy else exits.ERROR
