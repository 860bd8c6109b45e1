"""Items and batches of bulk runs, as tests need them."""

from pixola_ext._bulk.items import Copies
from pixola_ext.models import Batch

NOW = 1_000_000.0
LEASE = 60.0


def made(count, price=3, **carried):
    """Items with different prompts."""
    copies = Copies()
    requests = [{"prompt": f"picture {number}", "model": "flux-2"} for number in range(count)]
    return [item for request in requests for item in copies.items(request, price=price, carried=carried)]


def batch(batch_id="b1", status="complete", images=1, price=4):
    """A batch at its end; without a picture unless it is complete."""
    shown = [
        {
            "imageId": f"{batch_id}-{number}",
            "url": f"https://pixola.example/{batch_id}-{number}.png" if status == "complete" else None,
            "status": status,
            "creditsCharged": price if status == "complete" else 0,
        }
        for number in range(images)
    ]
    return Batch.from_dict({"batchId": batch_id, "status": status, "images": shown})


def sent(ledger, owner, count=1, now=NOW):
    """Items that the owner has claimed and is sending."""
    return [ledger.intend(item, now, entry_id=f"e{item.number}") for item in ledger.claim(owner, now, LEASE, count)]


def submitted(ledger, owner, count=1, now=NOW):
    """Items that the service has accepted."""
    return [ledger.submitted(item, f"b{item.number}") for item in sent(ledger, owner, count, now)]
