"""From any reasonable document of the API to the one that the client is generated from."""
