"""Whether the answers of the live service are as openapi.json says."""
