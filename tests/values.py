"""Bodies of answers by the thousand: members of any type, mostly of their own, and members that nobody knows."""

from datetime import UTC, datetime

from hypothesis import strategies as st
from normalising.promises import VALUES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["x", "2026-02-18T05:19:34.019Z", "18 Feb 2026 05:19", 1771393474019, 3.0, "1771393474"]),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=4), inside, max_size=3),
    max_leaves=6,
)  # fmt: skip


def bodies(kind):
    """JSON objects with the members of a value, each of any type and mostly of its own, and with others."""
    promised = VALUES[kind]
    plain = {
        "string": st.text(max_size=6),
        "integer": st.integers(),
        "boolean": st.booleans(),
        "date-time": st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat) | st.integers(0, 10**13),
        "strings": st.lists(st.text(max_size=3), max_size=2),
    }
    members = {}
    for name, member in promised.items():
        own = bodies(member.value) if member.value else plain[member.kind]
        own = st.lists(own, max_size=2) if member.many else own
        members[name] = own if member.is_identity else own | JSON
    others = st.dictionaries(st.text(max_size=5), JSON, max_size=2)
    known = st.fixed_dictionaries({}, optional=members)
    return st.builds(lambda one, two: {**one, **two}, others, known)
