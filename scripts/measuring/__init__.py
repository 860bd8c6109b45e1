"""What the client costs, beside other SDKs and beside its bars; `bench_client.py` prints it."""
