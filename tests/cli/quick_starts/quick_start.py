import os
import time

import requests

base_url = os.environ["BASE_URL"]
headers = {"Authorization": f"Bearer {os.environ['API_KEY']}"}

submission = {"prompt": "A lighthouse above a calm sea at dusk", "model": "flux-2", "quality": "hd"}
accepted = requests.post(f"{base_url}/generate", headers=headers, json=submission, timeout=30)
batch_id = accepted.json()["batchId"]
while True:
    batch = requests.get(f"{base_url}/batches/{batch_id}", headers=headers, timeout=30).json()
    if batch["status"] in ("complete", "failed", "rejected"):
        break
    time.sleep(2)
print(batch["images"][0]["url"])
