"""What the client, the sandbox and the request budget cost, as rows that `bench.py` prints."""
