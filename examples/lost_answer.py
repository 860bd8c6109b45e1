"""What happens when the answer to a paid submission is lost: it is found again, and never sent twice.

The sandbox loses it on purpose here: `sandbox:reset-after` accepts the submission and then resets the connection.
"""

import pickle
from pathlib import Path

from pixola_ext import Pixola, SubmissionUnknownError
from pixola_ext.sandbox import Sandbox

box = Sandbox(credits=100)
with Pixola.sandbox(box) as px:
    batch = px.submit("a cat sandbox:reset-after")  # the connection broke, the batch was found
    print("found:", batch.batch_id)

    box.faults.add("html-502", method="GET", path="*/batches*")  # now the service cannot even be asked
    try:
        px.with_options(timeout=2).submit("a dog sandbox:reset-after")
    except SubmissionUnknownError as error:
        Path("doubt.pickle").write_bytes(pickle.dumps(error))  # whoever comes later can go on from here
        print("in doubt:", error.request["prompt"])

    box.faults.rules.clear()
    doubt = pickle.loads(Path("doubt.pickle").read_bytes())  # noqa: S301  (our own file)
    print("found:", px.reconcile(doubt).batch_id)
    print("paid for:", len(list(px.batches.list())))
