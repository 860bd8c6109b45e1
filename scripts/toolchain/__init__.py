"""What other toolchains have to do with openapi.json."""
