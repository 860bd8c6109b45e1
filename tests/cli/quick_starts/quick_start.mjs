const { BASE_URL, API_KEY } = process.env;
const headers = { Authorization: `Bearer ${API_KEY}`, "Content-Type": "application/json" };

const submission = { prompt: "A lighthouse above a calm sea at dusk", model: "flux-2", quality: "hd" };
const accepted = await fetch(`${BASE_URL}/generate`, { method: "POST", headers, body: JSON.stringify(submission) });
const { batchId } = await accepted.json();
let batch;
do {
  if (batch) await new Promise((resolve) => setTimeout(resolve, 2000));
  batch = await (await fetch(`${BASE_URL}/batches/${batchId}`, { headers })).json();
} while (!["complete", "failed", "rejected"].includes(batch.status));
console.log(batch.images[0].url);
