set -euo pipefail
batch_id=$(curl -sS -X POST "$BASE_URL/generate" \
  -H "Authorization: Bearer $API_KEY" \
  -H "Content-Type: application/json" \
  -d '{"prompt": "A lighthouse above a calm sea at dusk", "model": "flux-2", "quality": "hd"}' |
  sed -n 's/.*"batchId" *: *"\([^"]*\)".*/\1/p')
while :; do
  batch=$(curl -sS "$BASE_URL/batches/$batch_id" -H "Authorization: Bearer $API_KEY")
  case $(sed -n 's/^{"batchId":"[^"]*","status":"\([a-z]*\)".*/\1/p' <<<"$batch") in
    complete | failed | rejected) break ;;
  esac
  sleep 2
done
sed -n 's/.*"url" *: *"\([^"]*\)".*/\1/p' <<<"$batch"
